"""Columns that say what the numbers of a row are: debits or credits, or in which currency or unit."""

import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecaster.data.layouts.period_rows import is_blank
from forecaster.data.names.column_names import is_currency, names_currency, names_unit
from forecaster.data.numbers.number_cells import parse_numbers
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError

__all__ = ["list_mixing", "refuse_mixed_amounts"]

MOST_NAMED = 3
SIGNED = 0.5
"""Difference in the share of negative numbers from which on the numbers have the sign that the marks stand for."""
PAIRS = (
    *({"d", "c"}, {"s", "h"}, {"dr", "cr"}, {"debit", "credit"}, {"dbit", "crdt"}, {"debits", "credits"}),
    *({"soll", "haben"}, {"debet", "kredit"}, {"débit", "crédit"}, {"debe", "haber"}, {"débito", "crédito"}),
    *({"debito", "credito"}, {"cargo", "abono"}, {"dare", "avere"}, {"af", "bij"}, {"wn", "ma"}),
    *({"withdrawal", "deposit"}, {"expense", "income"}, {"ausgabe", "einnahme"}, {"ausgang", "eingang"}, {"+", "-"}),
)
"""Marks of debits and credits in the commoner languages."""


@dataclass(frozen=True)
class _Mixing:
    """The different cells of a column, and what they are: "signs", "currencies" or "units"."""

    column: str
    marks: tuple[str, ...]
    kind: str


def list_mixing(sample: pd.DataFrame, *, columns: Columns) -> tuple[str, ...]:
    """The columns not used that may say which amounts are debits, or in which currency or unit they are.

    None where the numbers of the first rows, `sample`, have the sign that the marks stand for.
    """
    named = [_judge(str(name), sample[name].dropna().unique()) for name in columns.ignored if name in sample]
    found = [mixing for mixing in named if mixing is not None]
    return tuple(each.column for each in found if each.kind != "signs" or not _has_signs(sample, each, columns=columns))


def refuse_mixed_amounts(
    frame: pd.DataFrame, *, mixing: tuple[str, ...], columns: Columns, ids: tuple[str, ...], name: str
) -> None:
    """Raise DataError where a series, by its `ids`, has debits and credits, or several currencies or units."""
    for column in mixing:
        if column in ids:
            continue
        cells = frame[[*ids, column]][~is_blank(frame[column])]
        found = _judge(column, np.array(cells[column].unique(), object))
        if found is None or len(found.marks) < 2 or not _changes(cells, column, ids=ids):
            continue
        marks = ", ".join(found.marks[:MOST_NAMED]) + ", …" * (len(found.marks) > MOST_NAMED)
        series = shlex.quote(",".join((*ids, column)))
        several = f" --target {shlex.quote(','.join(columns.targets))}" if columns.wide else ""
        reason = f"the numbers are in several {found.kind} (column {column!r}: {marks}). If"
        if found.kind == "signs":
            target = columns.targets[0] if columns.targets else ""
            reason = (
                f"the column {column!r} ({marks}) says which numbers in {target!r} are debits and which credits, and "
                "they have no sign of their own. Write one of the two with a minus to forecast the balance; if"
            )
        raise DataError(
            f"{name}: {reason} each is a series of its own, use --id {series}{several}; if they belong together as "
            f"they are, use --id {shlex.quote(','.join(ids))}."
        )


def _judge(column: str, cells: "np.ndarray[tuple[int, ...], np.dtype[np.object_]]") -> _Mixing | None:
    """What the distinct cells of a column say of amounts; None where they say nothing."""
    marks = tuple(dict.fromkeys(str(cell).strip() for cell in cells if str(cell).strip()))
    if not marks:
        return None
    plain = {mark.casefold().rstrip(".") for mark in marks}
    if any(plain <= pair for pair in PAIRS):
        return _Mixing(column, marks, "signs")
    if all(map(is_currency, marks)):
        return _Mixing(column, marks, "currencies")
    # `Valuta` is a currency, and the date at which interest begins
    is_word = not any(mark[0].isdigit() for mark in marks)
    kind = "currencies" if names_currency(column) else "units" if names_unit(column) else ""
    return _Mixing(column, marks, kind) if kind and is_word else None


def _has_signs(sample: pd.DataFrame, found: _Mixing, *, columns: Columns) -> bool:
    """Whether the rows of one mark have mostly negative numbers, and those of another have not."""
    marks = sample[found.column].str.strip()
    for target in columns.targets:
        if target not in sample:
            continue
        values = parse_numbers(sample[target].fillna("")).values
        is_negative = pd.Series((values["."] < 0) | (values[","] < 0), index=sample.index)
        shares = is_negative.groupby(marks).mean()
        if len(shares) and float(shares.max() - shares.min()) > SIGNED:
            return True
    return False


def _changes(cells: pd.DataFrame, column: str, *, ids: tuple[str, ...]) -> bool:
    """Whether the cells of a column differ within some series."""
    if not ids:
        return bool(cells[column].nunique() > 1)
    return bool(cells.groupby([*ids], observed=True)[column].nunique().gt(1).any())
