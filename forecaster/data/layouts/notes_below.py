"""Find notes below a table, such as its source, which are no rows of it."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.layouts.first_line import list_times
from forecaster.data.names.column_names import is_total_name

__all__ = ["FOOTER", "NOTE", "count_notes", "find_notes_below", "pick_notes"]

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
WORD = re.compile(r"[^\W\d_]{2,}")
FEWEST_WORDS = 2
"""Of a note that holds digits; a single one may be a wrong time."""


def find_notes_below(frame: pd.DataFrame, *, may_be_names: bool = False) -> NDArray[np.bool_]:
    """Which of the last rows are notes. A text alone in its row is one, too, unless it `may_be_names` of a series."""
    found = np.zeros(len(frame), bool)
    may_be_names |= len(frame.columns) < 2
    names = [*map(str, frame)]
    last = zip(*(frame[column].iloc[-FEW_ROWS:].tolist() for column in frame), strict=True)
    row = next(filter(None, map(_list_filled, [*last][::-1])), None)
    if row is not None and not _may_be_note(row, may_be_name=may_be_names, names=names):
        return found  # the last row of most tables is none, and there may be millions above it
    filled = np.zeros(len(frame), bool)
    for column in frame:
        cells = frame[column]
        is_text = cells.dtype.kind not in "iuf"
        filled |= (cells.notna() & (cells != "") if is_text else cells.notna()).to_numpy(bool)
        if filled.all():
            break
    places = np.flatnonzero(filled)[-MOST_NOTES - FEW_ROWS :]
    found[places[pick_notes([[*frame.iloc[place]] for place in places], may_be_names=may_be_names, names=names)]] = True
    return found


def pick_notes(rows: Sequence[Sequence[Any]], *, may_be_names: bool = False, names: Sequence[str] = ()) -> list[int]:
    """The indices of the notes among the last `rows` of a table whose columns have these `names`, from the last one on.

    No row is empty. All below a drawn line are notes that may be no rows, and so is what repeats the name of a column.
    """
    cells = [*map(_list_filled, rows)]
    drawn = next((place for place, row in enumerate(cells) if _is_line(row)), len(cells))

    def count(*, takes_texts: bool) -> int:
        """How many of the last rows are notes."""
        for number, (place, row) in enumerate(sorted(enumerate(cells), reverse=True)):
            is_certain = is_note(row, may_be_name=may_be_names) or _repeats_name(row, names)
            is_below = place >= drawn and (len(row) == 1 or (takes_texts and _says_words(row[0])))
            if not (is_certain or is_below or (takes_texts and not may_be_names and _is_text(row))):
                return number
        return len(cells)

    most = count(takes_texts=True)
    above = rows[: len(rows) - most][-FEW_ROWS:]
    is_told = bool(above) and all(_tells_apart(row, above) for row in rows[len(rows) - most :])
    kept = most if is_told else count(takes_texts=False)
    return [*range(len(rows) - 1, len(rows) - 1 - min(kept, MOST_NOTES), -1)]


def _may_be_note(cells: list[Any], *, may_be_name: bool, names: Sequence[str]) -> bool:
    is_text = not may_be_name and _is_text(cells)
    # what may stand below a drawn line
    is_text |= len(cells) == 1 or _says_words(cells[0])
    return is_text or is_note(cells, may_be_name=may_be_name) or _repeats_name(cells, names)


def _tells_apart(row: Sequence[Any], above: Sequence[Sequence[Any]]) -> bool:
    """Whether a row with a text first cannot be one of the table: those `above` have more cells, or times there."""
    filled = _list_filled(row)
    place = next(place for place, cell in enumerate(row) if _is_filled(cell))
    column = [str(cells[place]) for cells in above if _is_filled(cells[place])]
    words = {word for cell in column for word in WORD.findall(cell)}
    if words.intersection(WORD.findall(str(filled[0]))):
        return False
    return len(filled) < min(len(_list_filled(cells)) for cells in above) or list_times(column) is not None


def _is_text(cells: list[Any]) -> bool:
    """Whether a text with digits stands alone, which is no time."""
    return len(cells) == 1 and _says_words(cells[0])


def _says_words(cell: Any) -> bool:
    text = str(cell).strip()
    return len(WORD.findall(text)) >= FEWEST_WORDS and list_times([text]) is None


def _repeats_name(cells: list[Any], names: Sequence[str]) -> bool:
    """Whether cells are the name of a column; one of several words may be split where it has commas."""
    text = "".join(map(_keep_letters, cells))
    found = [name for name in map(_keep_letters, names) if WORD.search(name)]
    is_begin = len(cells) > 1 and len(WORD.findall(" ".join(map(str, cells)))) >= FEWEST_WORDS
    return text in found or (is_begin and any(name.startswith(text) for name in found))


def _keep_letters(cell: Any) -> str:
    return re.sub(r"[\W_]+", "", str(cell)).casefold()


def _is_line(cells: list[Any]) -> bool:
    return len(cells) == 1 and LINE.fullmatch(str(cells[0]).strip()) is not None


def _is_filled(cell: Any) -> bool:
    return not pd.isna(cell) and cell != ""


def _list_filled(cells: Iterable[Any]) -> list[Any]:
    return [*filter(_is_filled, cells)]


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
