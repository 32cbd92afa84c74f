"""What is said of an exception, and the exit code: the same on the screen and in the record of a nightly run."""

import os

from forecaster.errors import BusyError, ConfigurationError, ForecastError, InterruptedRunError
from forecaster.version import __version__

__all__ = ["BUG", "explain_failure"]

BUG = 1
"""The exit code of a bug in this program."""


def explain_failure(error: BaseException) -> tuple[str, int]:
    """The message for `error`, and the exit code."""
    if isinstance(error, ForecastError | InterruptedRunError):
        return str(error), error.exit_code
    if isinstance(error, MemoryError):
        message = "out of memory. Give fewer series at once, or fewer steps or windows to forecast."
        return message, BusyError.exit_code
    if isinstance(error, PermissionError) and error.filename is not None:
        return f"{error.filename}: permission denied. Give this user access to it.", ConfigurationError.exit_code
    if isinstance(error, FileNotFoundError) and _lost_its_folder():
        return (
            "the working folder was deleted. Change to another one (cd) and run it again.",
            ConfigurationError.exit_code,
        )
    return (
        f"a bug in forecast {__version__}: {type(error).__name__}: {error}. "
        "Set FORECAST_DEBUG=1 to see where, and please report it.",
        BUG,
    )


def _lost_its_folder() -> bool:
    """Whether the working folder was deleted while a shell is still in it."""
    try:
        os.getcwd()  # noqa: PTH109 - pathlib would slow --help down
    except FileNotFoundError:
        return True
    return False
