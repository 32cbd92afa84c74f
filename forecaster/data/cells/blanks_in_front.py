"""Names of series that differ only in blanks in front, which are no part of a cell without quotes."""

from collections.abc import Sequence

from forecaster.data.cells.text_columns import read_columns
from forecaster.data.layouts.text_source import Source
from forecaster.errors import DataError

__all__ = ["find_respelled"]


def find_respelled(sources: Sequence[Source], ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Two cells, as they are written, of each name in the columns `ids` that has several, by that name as it is read.

    The files are read once more: only to explain an error.
    """
    found: dict[str, tuple[str, str]] = {}
    for source in sources:
        if source.periods is not None or not set(ids) <= set(source.columns):
            continue
        try:
            cells = read_columns(source, wanted=[*ids], dtype=str, na_values=[], skipinitialspace=False)
        except (DataError, ValueError, OSError):  # blanks before quotes make other cells of a line
            continue
        for name in ids:
            written = {str(cell) for cell in cells[name].dropna().unique()}
            found |= {
                cell.lstrip(" "): (cell, cell.lstrip(" ")) for cell in written if cell.lstrip(" ") in written - {cell}
            }
    return found
