"""Find notes below a table, such as its source, which are no rows of it."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.column_names import is_total_name

__all__ = ["FOOTER", "NOTE", "count_notes", "find_notes_below", "is_note"]

NOTE = "\0note"
"""The column of notes below a table with the periods as columns, at the first period of their lines."""
MOST_NOTES = 50
FEW_ROWS = 8
WORDS = re.compile(
    r"[*†‡§©¹²³]|\(c\)|\(?\d{1,2}\)|(?:(?:data )?sources?|(?:foot ?)?notes?|data from|last updated?|legend|copyright"
    r"|quellen?|anm(?:erkung(?:en)?)?|hinweise?|fußnoten?|stand|fuentes?|notas?|fontes?|fonti|remarques?|bron|opmerking"
    r"|źródło|uwaga|källa)\s*(?:[:.]|\s|$)",
    re.IGNORECASE,
)
"""How notes begin, in the commoner languages."""

LINE = re.compile(r"_{3,}")
"""What statistical offices draw below a table; all texts below it are notes."""
BALANCE = re.compile(
    r"(?i)kontostand|endsaldo|schlusssaldo|(?:closing|ending|final) balance|solde final|saldo final(?:e)?|eindsaldo"
    r"|saldo końcowe|utgående saldo"
)
"""How the line below those of an account begins that says what is left on it."""
FOOTER = re.compile(r"(?i)\(?\d+ (?:rows?|zeilen?|lignes?|filas?)(?: (?:affected|selected|in set).*)?\)?")
"""The line in which databases say how many rows there are."""


def find_notes_below(frame: pd.DataFrame, *, may_be_names: bool = False) -> NDArray[np.bool_]:
    """Which of the last rows are notes. A text alone in its row is one, too, unless it `may_be_names` of a series."""
    found = np.zeros(len(frame), bool)
    may_be_names |= len(frame.columns) < 2
    last = zip(*(frame[column].iloc[-FEW_ROWS:].tolist() for column in frame), strict=True)
    row = next(filter(None, map(_list_filled, [*last][::-1])), None)
    if row is not None and not is_note(row, may_be_name=may_be_names):
        return found  # the last row of most tables is none, and there may be millions above it
    filled = np.zeros(len(frame), bool)
    for column in frame:
        cells = frame[column]
        is_text = cells.dtype.kind not in "iuf"
        filled |= (cells.notna() & (cells != "") if is_text else cells.notna()).to_numpy(bool)
        if filled.all():
            break
    texts_of = {int(place): _list_filled(frame.iloc[place]) for place in np.flatnonzero(filled)[: -MOST_NOTES - 1 : -1]}
    drawn = next((place for place, texts in texts_of.items() if _is_line(texts)), len(frame))
    for place, texts in texts_of.items():
        if not (is_note(texts, may_be_name=may_be_names) or (place >= drawn and len(texts) == 1)):
            break
        found[place] = True
    return found


def _is_line(cells: list[Any]) -> bool:
    return len(cells) == 1 and LINE.fullmatch(str(cells[0]).strip()) is not None


def _list_filled(cells: Iterable[Any]) -> list[Any]:
    return [cell for cell in cells if not pd.isna(cell) and cell != ""]


def is_note(cells: list[Any], *, may_be_name: bool = False) -> bool:
    """Whether the filled cells of a row are a note: it has no numbers but in its first cell, or is the last balance."""
    first, *others = map(str, cells)
    if BALANCE.fullmatch(first.strip()):
        return bool(others)
    if is_total_name(first) or any(re.search(r"\d", cell) for cell in others):
        return False
    if FOOTER.fullmatch(first.strip()):
        return not others
    return WORDS.match(first.strip()) is not None or not (others or may_be_name or re.search(r"\d", first))


def count_notes(count: int, line_name: str) -> str:
    """How many lines, or rows, are notes, in words."""
    return f"{count:,} {line_name}{' with a note' if count == 1 else 's with notes'} below the table"
