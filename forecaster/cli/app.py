"""The `forecast` command line: its commands, and errors reported as a sentence on stderr and an exit code."""

import os
import sys
from typing import Annotated, Any

import typer

from forecaster.cli.commands import CommandList
from forecaster.cli.signals import RaiseOnSignal, describe_signal
from forecaster.errors import BusyError, ConfigurationError, ForecastError, InterruptedRunError
from forecaster.report.plain import show_controls
from forecaster.version import __version__

__all__ = ["app", "run"]

app = typer.Typer(
    name="forecast",
    help="Forecasts with honest intervals from a CSV. Start with: forecast train DATA, then forecast predict.",
    epilog="Every option is also an environment variable, and a key of forecast.toml in this folder.",
    cls=CommandList,
    no_args_is_help=True,
    add_completion=False,
    # formatted help and tracebacks would double the time that --help takes
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"forecast {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del version


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    signals = RaiseOnSignal()
    try:
        with signals:
            code = _execute(arguments)
            # so that a write error is reported now, not when the interpreter ends
            sys.stdout.flush()
            return code
    except (Exception, InterruptedRunError) as error:
        message, code = _explain(error, signal_number=signals.number)
        sys.stderr.write(f"error: {show_controls(message)}\n")
        return code


def _execute(arguments: list[str] | None) -> int:
    try:
        app(arguments, default_map=_read_settings())
    except SystemExit as finished:
        return finished.code if isinstance(finished.code, int) else 1
    return 0


def _explain(error: BaseException, *, signal_number: int | None) -> tuple[str, int]:
    """The message for `error` and the exit code; where a signal came, they are those of the signal."""
    if signal_number is not None:
        return describe_signal(signal_number), 128 + signal_number
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
    # anything else is a bug in this program
    if os.environ.get("FORECAST_DEBUG"):
        raise error
    return (
        f"a bug in forecast {__version__}: {type(error).__name__}: {error}. "
        "Set FORECAST_DEBUG=1 to see where, and please report it.",
        1,
    )


def _lost_its_folder() -> bool:
    """Whether the working folder was deleted while a shell is still in it."""
    try:
        os.getcwd()  # noqa: PTH109 - pathlib would slow --help down
    except FileNotFoundError:
        return True
    return False


def _read_settings() -> dict[str, Any] | None:
    """Defaults from forecast.toml in this folder, None where there is none."""
    if not os.path.exists("forecast.toml"):  # noqa: PTH110 - pathlib would slow --help down
        return None
    from forecaster.cli.settings_file import read_settings_file

    return read_settings_file(app)
