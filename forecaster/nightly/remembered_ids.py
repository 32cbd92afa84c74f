"""The id columns of the last good run hold for the next one: other series are a fault of the file, or a decision."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError, UsageError
from forecaster.library.inputs import Given
from forecaster.nightly.record import PastRun

__all__ = ["explain_ids", "recall_ids", "refuse_other_ids"]


def recall_ids(reading: ReadOptions, *, past: PastRun | None) -> tuple[str, ...]:
    """The id columns of the `past` run, where no option says which there are: they may be newer than the model's."""
    return () if reading.ids or reading.wide is not None or past is None else _list_ids(past)


@contextmanager
def explain_ids(ids: tuple[str, ...]) -> Iterator[None]:
    """Say in an error that names --id where `ids` come from, as nobody typed them."""
    try:
        yield
    except (DataError, UsageError) as error:
        if not ids or "--id" not in str(error):
            raise
        raise DataError(
            f"{error} The last good run had {_write(ids)}: give --id, or --wide, for other series."
        ) from error


def refuse_other_ids(given: Given, *, reading: ReadOptions, past: PastRun | None) -> None:
    """Raise DataError where the columns show other series than those of the `past` run, and no option says which."""
    if past is None or past.input is None or past.input.basis is None or reading.ids or reading.wide is not None:
        return
    columns, before = given.summary.columns, past.input.basis
    now = () if columns.wide else columns.ids
    if columns.wide or not before.targets or now == before.ids:
        return  # wide forms have no ids, and a change of form is a change of the targets, too
    raise DataError(
        f"{given.name}: the series are by {_name(now)} now, and were by {_name(before.ids)} in the last good run, "
        f"{past.run}. If this is right, use {_write(now)}; else correct the file."
    )


def _list_ids(past: PastRun) -> tuple[str, ...]:
    return () if past.input is None or past.input.basis is None else past.input.basis.ids


def _name(ids: tuple[str, ...]) -> str:
    return " and ".join(map(repr, ids)) or "no column"


def _write(ids: tuple[str, ...]) -> str:
    return f"--id {shlex.quote(','.join(ids))}"
