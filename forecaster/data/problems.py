"""Collect what is wrong with the data while it is read, so that all of it is said in one go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from forecaster.errors import DataError

__all__ = [
    "Problems",
    "count_more",
    "explain_absent",
    "find_like",
    "list_alike",
    "list_names",
    "shorten_name",
    "suggest_name",
]

MOST_NAMED = 5
MOST_LISTED, LONGEST_LISTED = 8, 40
"""Names in a list of them, and letters of each."""
LONGEST_NAME, BEGINNING = 80, 50
"""Letters of the name of a series in a sentence, and those of its beginning where it is longer."""


class Problems:
    """The errors that were met so far; the reading goes on where what follows does not depend on them."""

    def __init__(self) -> None:
        self._errors: list[DataError] = []

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, *errors: DataError) -> None:
        """Keep errors to raise later."""
        self._errors += errors

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep a DataError that is raised within."""
        try:
            yield
        except DataError as error:
            self.add(error)

    def raise_any(self) -> None:
        """Raise the error that was met; where there are several, one that names the first of them."""
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            named = " ".join(f"({number}) {error}" for number, error in enumerate(self._errors[:MOST_NAMED], 1))
            more = len(self._errors) - MOST_NAMED
            raise DataError(f"{len(self._errors)} problems: {named}" + f" And {more} more." * (more > 0))


def count_more(count: int, *, one: str, several: str) -> str:
    """A sentence, to be put after another one, on the problems of the same kind after the first; empty without any."""
    return "" if count < 2 else f" 1 more {one}." if count == 2 else f" {count - 1:,} more {several}."


def find_like(key: tuple[str, ...], known: list[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The first of the `known` keys that differs from one only in blanks or capitals; None where none does."""
    plain = _leave_out_blanks(key)
    return next((other for other in known if _leave_out_blanks(other) == plain), None)


def list_alike(keys: list[tuple[str, ...]]) -> list[tuple[int, int]]:
    """The number of each key that differs only in blanks or capitals from an earlier one, and that of the first."""
    first: dict[tuple[str, ...], int] = {}
    found = ((number, first.setdefault(_leave_out_blanks(key), number)) for number, key in enumerate(keys))
    return [(number, earlier) for number, earlier in found if number != earlier]


def _leave_out_blanks(key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(part.split()).casefold() for part in key)


def suggest_name(column: str, header: list[str]) -> str:
    """Words on a name that is not in the header: one like it, or those that are."""
    near = get_close_matches(column, header, n=1)
    return f" (did you mean {near[0]!r}?)" if near else f": there are {list_names(header)}"


def list_names(names: list[str]) -> str:
    """Names in one line, the first ones of many."""
    shown = [name if len(name) <= LONGEST_LISTED else f"{name[:LONGEST_LISTED]}…" for name in names[:MOST_LISTED]]
    return ", ".join(shown) + (f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else "")


def explain_absent(name: str, absent: str, *, present: Iterable[str], others: str = "the files before it") -> str:
    """That the file or frame `name`, which has the columns `present`, lacks one that `others` have, and what to do."""
    plain = {column.strip().casefold(): column for column in present}
    near = get_close_matches(absent.casefold(), plain, n=1)
    remedy = f"Rename {plain[near[0]]!r}, which it has," if near else f"It has {', '.join(map(repr, plain.values()))}:"
    return f"{name}: no column {absent!r}, which {others} have. {remedy} {'or' if near else 'rename one, or'} add it."


def shorten_name(name: str) -> str:
    """The `name`, without its middle where it is long: names of series often differ at their end."""
    return name if len(name) <= LONGEST_NAME else f"{name[:BEGINNING]}…{name[BEGINNING + 1 - LONGEST_NAME :]}"
