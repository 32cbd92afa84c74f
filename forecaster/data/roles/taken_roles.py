"""Refuse columns that are declared to explain the values where they are the only ones that could be times or values."""

import pandas as pd

from forecaster.data.numbers.number_cells import looks_numeric
from forecaster.data.problems import list_names
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.time_column import find_time
from forecaster.errors import DataError, UsageError

__all__ = ["refuse_taken_roles"]


def refuse_taken_roles(
    sample: pd.DataFrame, given: list[tuple[str, str]], *, name: str, options: ReadOptions, error: DataError
) -> None:
    """Raise UsageError where one of the columns `given`, each with its flag, is what the `error` says is not there."""
    if options.time is None and "no time column" in str(error):
        time = find_time(sample[[column for _, column in given]])
        if time is not None:
            flag = next(flag for flag, column in given if column == time)
            raise UsageError(
                f"{flag} {time}: {name} has no other column of times, and it cannot explain the values. Leave it out "
                f"of {flag}; if it is not the time, name that with --time."
            ) from error
    if options.target is None and "no numeric column" in str(error):
        flags = {column: flag for flag, column in given if looks_numeric(sample[column])}
        if flags:
            which = "it" if len(flags) == 1 else "the one to forecast"
            named = " or ".join(dict.fromkeys(flags.values()))
            raise UsageError(
                f"{named}: {name} has no numbers but in {list_names([*flags])}, and nothing is left to forecast. Leave "
                f"{which} out of {named}."
            ) from error
