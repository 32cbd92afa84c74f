"""The errors that `forecast` raises on purpose, and the exit code of each.

    ForecastError                     1
    ├── UsageError                    2   flags that do not go together
    │   └── NoOffsetError             2   a time zone for timestamps without an offset
    ├── DataError                    65   the content of the input cannot be forecast
    │   ├── LeakError                65   a covariate holds the target that is to be forecast
    │   └── DivergedError            65   the training loss was not finite or exploded
    ├── GateError                     4   a condition that the user set is not met
    ├── NotFoundError                66   no such input or model
    ├── BusyError                    75   try again: disk or memory is full, or the folder in use
    └── ConfigurationError           78   a broken model folder, settings file or output path
    InterruptedRunError         130/143   stopped by a signal; like KeyboardInterrupt not an Exception

A message says what is wrong and how to fix it, in a sentence or two: it is all that the user sees.
"""

__all__ = [
    "BusyError",
    "ConfigurationError",
    "DataError",
    "DivergedError",
    "ForecastError",
    "GateError",
    "InterruptedRunError",
    "LeakError",
    "NoOffsetError",
    "NotFoundError",
    "UsageError",
]


class ForecastError(Exception):
    """Anything that goes wrong for a reason that the user can fix."""

    exit_code = 1


class UsageError(ForecastError):
    """Options that do not go together, or a value that an option cannot take."""

    exit_code = 2


class NoOffsetError(UsageError):
    """A time zone for timestamps without a UTC offset."""


class DataError(ForecastError):
    """Input that cannot be forecast."""

    exit_code = 65


class LeakError(DataError):
    """Covariates, by the names of their `columns`, hold the target that is to be forecast."""

    def __init__(self, message: str, columns: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.columns = columns


class SeveralFormatsError(DataError):
    """Dates can be read by several `formats`."""

    def __init__(self, message: str, formats: tuple[str, ...]) -> None:
        super().__init__(message)
        self.formats = formats


class DivergedError(DataError):
    """The training loss was not finite, or exploded."""


class GateError(ForecastError):
    """A condition that the user set, such as the age of the data, is not met."""

    exit_code = 4


class NotFoundError(ForecastError):
    """An input or a model folder that is not there."""

    exit_code = 66


class BusyError(ForecastError):
    """A temporary condition: the same command may work later."""

    exit_code = 75


class ConfigurationError(ForecastError):
    """A settings file, model folder or output path that cannot be used."""

    exit_code = 78


class InterruptedRunError(BaseException):
    """Stopped by a signal; the message says whether any work was saved.

    It can be raised anywhere, and is not an Exception, so that `except Exception` does not treat it as a failure.

    `signal_number` is 2 (Ctrl-C) or 15 (SIGTERM); the exit code is 128 more, as a shell expects.
    """

    def __init__(self, message: str, *, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number
