"""The errors that `forecast` raises on purpose, and the exit code of each.

    ForecastError                     1
    ├── UsageError                    2   flags that do not go together
    ├── DataError                    65   what is in the input cannot be forecast
    │   └── DivergedError            65   learning met numbers that it cannot learn from
    ├── NotFoundError                66   no such input or model
    ├── BusyError                    75   try again: disk or memory is full, or the folder taken
    └── ConfigurationError           78   a broken model folder, settings file or output place
    InterruptedRunError         130/143   stopped by a signal; like KeyboardInterrupt no Exception

A message says what is wrong and how to fix it, in a sentence or two: it is all that the user sees.
"""

__all__ = [
    "BusyError",
    "ConfigurationError",
    "DataError",
    "DivergedError",
    "ForecastError",
    "InterruptedRunError",
    "NotFoundError",
    "UsageError",
]


class ForecastError(Exception):
    """Anything that goes wrong for a reason that the user can fix."""

    exit_code = 1


class UsageError(ForecastError):
    """Options that do not go together, or a value that an option cannot take."""

    exit_code = 2


class DataError(ForecastError):
    """Input that cannot be forecast as it is."""

    exit_code = 65


class DivergedError(DataError):
    """Learning met a loss that is not finite, or exploded."""


class NotFoundError(ForecastError):
    """An input or a model folder that is not there."""

    exit_code = 66


class BusyError(ForecastError):
    """Something that may pass: the same command may work later."""

    exit_code = 75


class ConfigurationError(ForecastError):
    """A settings file, model folder or output place that cannot be used."""

    exit_code = 78


class InterruptedRunError(BaseException):
    """Stopped by a signal; the message says whether any work was saved.

    It is raised wherever the program is, so what catches every Exception must not take it for a failure of its own.

    `signal_number` is 2 (Ctrl-C) or 15 (SIGTERM); the exit code is 128 more, as a shell expects.
    """

    def __init__(self, message: str, *, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number
