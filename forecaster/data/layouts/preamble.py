"""Find the header of a text table below title lines and comments."""

import re
from collections.abc import Callable, Sequence

__all__ = ["MOST_TITLES", "describe_preamble", "find_header"]

MOST_TITLES = 20
"""Lines above a header that may be titles."""
MIN_ROWS = 3
VALUE = re.compile(r"[-+.,:/\s]*\d[-+.,:/\s\d]*")
"""A cell that is no name."""
LONGEST_SHOWN = 40


def find_header(
    lines: Sequence[str], *, split: Callable[[str, str], list[str]], holds_values: Callable[[list[str]], bool]
) -> int:
    """The index of the header in `lines`; blank lines, comments (`#`) and titles may be above it.

    A title fills a single cell, or holds a delimiter that the line below lacks, or stands above a table that is twice
    as wide, and it stands above a line of names that is as wide as the line below it. `split` gives the cells of a
    line, split as another one is, `holds_values` says whether they are values rather than names.
    """
    filled = [number for number, line in enumerate(lines) if line.strip()]
    plain = [number for number in filled if not lines[number].lstrip().startswith("#")]
    # where only values are below a line with #, it is the header
    if plain and not holds_values(split(lines[plain[0]], lines[plain[0]])):
        filled = filled[filled.index(plain[0]) :]
    widths = [len(split(lines[number], lines[number])) for number in filled[: 2 * MOST_TITLES]]
    for above, number in enumerate(filled[:MOST_TITLES]):
        if _stands_above_wider(widths[above:]):
            continue
        wider = _count_wider(widths[above:])
        if wider:
            below_it = lines[filled[above + wider]]
            if not any(map(VALUE.fullmatch, split(below_it, below_it))):
                continue
        line, below = lines[number], [lines[place] for place in filled[above + 1 : above + 2]]
        cells = split(line, line)
        width = len(split(below[0], line)) if below else 0
        if sum(bool(cell.strip()) for cell in cells) < 2 or width == 1:
            continue
        # some write a delimiter more at the end of the names than of the rows
        named = max(place for place, cell in enumerate(cells, 1) if cell.strip())
        return number if width in (len(cells), named) and not holds_values(cells) else filled[0]
    return filled[0]


def _stands_above_wider(widths: Sequence[int]) -> bool:
    """Whether a line is one of titles of several cells: soon all lines are twice as wide as it; `widths` from it on."""
    width = widths[0]
    wider = next((place for place, found in enumerate(widths) if found >= 2 * width), 0)
    table = widths[wider:]
    return 0 < wider < MOST_TITLES and len(table) > 1 and len(set(table)) == 1 and width > 1


def _count_wider(widths: Sequence[int]) -> int:
    """How many lines have more cells than all below them, which agree; the first of these may be the names.

    They are one, or two of keys and their values, as meters have them above their readings.
    """
    count = 2 if widths[:1] == widths[1:2] else 1
    below = widths[count:]
    return count if len(below) >= MIN_ROWS and widths[0] > below[0] > 1 and len(set(below)) == 1 else 0


def describe_preamble(lines: Sequence[str]) -> tuple[str, ...]:
    """A note on the lines above the header, if any."""
    filled = [" ".join(line.split()) for line in lines if line.strip()]
    if not filled:
        return ()
    first = filled[0] if len(filled[0]) <= LONGEST_SHOWN else f"{filled[0][:LONGEST_SHOWN]}…"
    return (f"{len(filled):,} {'line' if len(filled) == 1 else 'lines'} above the header not read: {first!r}",)
