"""Columns that the user names: found in the header, each with one role."""

from forecaster.data.problems import suggest_name
from forecaster.errors import UsageError

__all__ = ["check_given", "split_names"]


def split_names(given: tuple[str, ...], header: list[str]) -> tuple[str, ...]:
    """The columns that were given, each on its own or several separated by commas; an empty name stands for none."""
    parts = [[name] if name in header else [part.strip() for part in name.split(",")] for name in given]
    return tuple(name for names in parts for name in names if name)


def check_given(given: list[tuple[str, str]], *, header: list[str], name: str) -> None:
    """Raise UsageError for a column that does not exist, or that was given two roles."""
    for position, (flag, column) in enumerate(given):
        if column not in header:
            raise UsageError(f"{flag} {column}: {name} has no such column{suggest_name(column, header)}.")
        other = next((before for before, named in given[:position] if named == column), None)
        if other is not None:
            if other == flag:
                raise UsageError(f"{flag} names the column {column!r} twice. Name it once.")
            raise UsageError(f"{other} and {flag} both name the column {column!r}. A column has one role.")
