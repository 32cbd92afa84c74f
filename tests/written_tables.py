"""Generate files whose content is known: what they hold, and how they are written, are drawn at random."""

import csv
import gzip
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecaster.data.read_options import ReadOptions
from tests.written_numbers import NUMBER_FORMS
from tests.written_times import CALENDARS, Cells, TimeForm, list_forms

__all__ = ["AHEAD", "PLAIN", "TableStyle", "Written", "draw_style", "write_table"]

LAYOUTS = {"one": (), "id": ("id",), "shop": ("shop",), "shop and item": ("shop", "item"), "wide": ()}
LAYOUTS |= {"periods": ("shop",)}
NAMES = ("north", "south", "west", "Köln", "007", "a b")
MESS = (
    *("missing marks", "missing rows", "shuffled", "starts and ends differ", "values before times"),
    *("titles", "comment", "blank lines at the end", "empty rows at the end", "total row"),
    *("index column", "column without a name", "text column", "empty column", "spaces after delimiters", "gzip"),
)
MARKS = ("", "NA", "-", ".", "n/a", "NaN", "null", "?", "--", "#N/A", "n.v.", "#DIV/0!")
AHEAD = 3
"""Steps after the last one whose times are known as well."""


@dataclass(frozen=True)
class TableStyle:
    """All that determines a file."""

    calendar: str
    first: str
    time_form: str
    number_form: str
    decimals: int
    size: float
    is_signed: bool
    layout: str
    rows: int
    time_name: str
    delimiter: str
    encoding: str
    newline: str
    quotes_all: bool
    mark: str
    mess: frozenset[str]
    seed: int

    @property
    def form(self) -> TimeForm:
        """The form of its times."""
        return list_forms(CALENDARS[self.calendar].group)[self.time_form]

    @property
    def has_periods(self) -> bool:
        """Whether its periods are columns."""
        return self.layout == "periods" and not self.form.columns

    @property
    def is_too_short_for_gaps(self) -> bool:
        """Whether days that are closed could not be told from missing ones."""
        return self.calendar.startswith("closed")


PLAIN = TableStyle(
    calendar="daily",
    first="2023-01-15",
    time_form="%Y-%m-%d",
    number_form="1234.5",
    decimals=2,
    size=400.0,
    is_signed=False,
    layout="one",
    rows=40,
    time_name="date",
    delimiter="|",
    encoding="utf-8",
    newline="\n",
    quotes_all=False,
    mark="",
    mess=frozenset(),
    seed=1,
)
"""A file that no one could misread."""


@dataclass(frozen=True)
class Written:
    """A file, the options to read it with, and what must be read.

    `series` are the first step and the values of each series; `times` are those of all steps and of AHEAD more,
    `cells` the text of these times. `doubts` name what can be read in two ways.
    """

    name: str
    content: bytes
    options: ReadOptions
    series: dict[tuple[str, ...], tuple[int, NDArray[np.float64]]]
    times: pd.DatetimeIndex
    cells: Cells
    doubts: tuple[str, ...]


@st.composite
def draw_style(draw: st.DrawFn) -> TableStyle:
    """A style of a file; the simplest is a plain CSV of days."""
    calendar = draw(st.sampled_from(list(CALENDARS)))
    forms = list_forms(CALENDARS[calendar].group)
    time_form = draw(st.sampled_from(list(forms)))
    names = ["date", "timestamp", "Datum", "ds", "Date", "when"]
    cells = forms[time_form].write(pd.DatetimeIndex(["2024-01-01"]))
    if cells[0][-1].replace(".", "").isdigit():
        names = names[:2] if calendar == "yearly" else names[:-1]  # years and moments before 1973 look like numbers
    return TableStyle(
        calendar,
        draw(st.sampled_from(CALENDARS[calendar].firsts)),
        time_form,
        draw(st.sampled_from(list(NUMBER_FORMS))),
        draw(st.sampled_from((2, 1, 0, 3, 4))),
        draw(st.sampled_from((400.0, 3.0, 40.0, 2500.0, 60_000.0, 3e6))),
        draw(st.booleans()),
        draw(st.sampled_from(list(LAYOUTS))),
        draw(st.integers(30, 70)),
        "week" if time_form == "%G%V" else draw(st.sampled_from(names)),
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252"))),
        draw(st.sampled_from(("\n", "\r\n", "\r"))),
        draw(st.booleans()),
        draw(st.sampled_from(MARKS)),
        draw(st.frozensets(st.sampled_from(MESS), max_size=4)),
        draw(st.integers(0, 9999)),
    )


def write_table(style: TableStyle) -> Written:
    """The file of a style."""
    generator = np.random.default_rng(style.seed)
    steps = CALENDARS[style.calendar]
    times = steps.list_times(style.first, style.rows + AHEAD)
    cells = style.form.write(times)
    values = _make_values(style, generator)
    is_row = _leave_out_rows(style, generator, values)
    number_form = NUMBER_FORMS[style.number_form]
    texts = {
        key: [style.mark if np.isnan(v) else number_form.write(v, decimals=style.decimals) for v in column]
        for key, column in values.items()
    }
    written = [
        text for key, column in texts.items() for text, row in zip(column, is_row[key], strict=True) if row and text
    ]
    doubts = ["numbers"] if number_form.is_ambiguous([text for text in written if text != style.mark]) else []
    used = [cell for step, cell in enumerate(cells[:-AHEAD]) if any(column[step] for column in is_row.values())]
    doubts += ["times"] if style.form.is_ambiguous(used) else []
    if style.has_periods and cells[0][0].replace(".", "").isdigit() and style.calendar != "yearly":
        doubts.append("periods")  # names of columns that are numbers may be names of anything
    table = _lay_out(style, cells, texts, is_row, generator)
    content = _encode(style, table, total=_write_total(style, values))
    series = {}
    for key, column in values.items():
        kept = np.flatnonzero(~np.isnan(column) & is_row[key])
        seen = np.where(is_row[key], column, np.nan)
        series[key] = (int(kept[0]), seen[kept[0] : kept[-1] + 1])
    ids = LAYOUTS[style.layout] if style.layout != "id" else ()
    name = "data.csv.gz" if "gzip" in style.mess else "data.csv"
    return Written(name, content, ReadOptions(ids=ids), series, times, cells, tuple(doubts))


def _make_values(style: TableStyle, generator: np.random.Generator) -> dict[tuple[str, ...], NDArray[np.float64]]:
    """The values of each series, NaN for those that are written as missing."""
    count = 1 if style.layout == "one" else int(generator.integers(2, 4))
    names = [str(name) for name in generator.permutation(NAMES)[:count]]
    keys: list[tuple[str, ...]] = [()] if style.layout == "one" else [(name,) for name in names]
    if style.layout == "shop and item":
        keys = [(name, item) for name in names[:2] for item in ("1", "2")]
    series = {}
    for key in keys:
        wave = 1 + 0.3 * np.sin(np.arange(style.rows) / 3 + generator.uniform(0, 6))
        noise = generator.normal(0, 0.05, style.rows)
        column = np.round(style.size * (wave + noise - style.is_signed), style.decimals) + 0.0
        if "missing marks" in style.mess and not style.is_too_short_for_gaps:
            column[2:-2][generator.random(style.rows - 4) < 0.1] = np.nan
        series[key] = column
    return series


def _leave_out_rows(
    style: TableStyle, generator: np.random.Generator, values: dict[tuple[str, ...], NDArray[np.float64]]
) -> dict[tuple[str, ...], NDArray[np.bool_]]:
    """Which steps of each series have a row."""
    found = {}
    shared = generator.random(style.rows) > 0.08
    for number, key in enumerate(values):
        is_row = np.ones(style.rows, bool)
        if "missing rows" in style.mess and not style.is_too_short_for_gaps:
            is_row = shared.copy() if style.layout == "wide" else generator.random(style.rows) > 0.08
            is_row[[0, 1, -2, -1]] = True
        if "starts and ends differ" in style.mess and number and style.layout not in ("one", "wide"):
            is_row[: int(generator.integers(0, 6))] = False
            is_row[style.rows - int(generator.integers(0, 4)) :] = False
        found[key] = is_row
    return found


def _lay_out(
    style: TableStyle,
    cells: Cells,
    texts: dict[tuple[str, ...], list[str]],
    is_row: dict[tuple[str, ...], NDArray[np.bool_]],
    generator: np.random.Generator,
) -> list[list[str]]:
    """The header and the rows of the table."""
    times = list(style.form.columns) or [style.time_name]
    if style.has_periods:
        table = [["shop", *(cell[0] for cell in cells[:-AHEAD])]]
        table += [
            [*key, *(text if row else "" for text, row in zip(column, is_row[key], strict=True))]
            for key, column in texts.items()
        ]
        return _add_columns(style, table)
    if style.layout == "wide":
        values = [key[0] for key in texts]
        rows: list[tuple[tuple[str, ...], list[str]]] = [
            (cells[step], [column[step] for column in texts.values()])
            for step in range(style.rows)
            if next(iter(is_row.values()))[step]
        ]
        header: list[str] = []
    else:
        header, values = list(LAYOUTS[style.layout]), ["sales"]
        rows = [
            (cells[step], [*key, column[step]])
            for step in range(style.rows)
            for key, column in texts.items()
            if is_row[key][step]
        ]
    if "shuffled" in style.mess:
        rows = [rows[place] for place in generator.permutation(len(rows))]
    if "values before times" in style.mess:
        table = [[*header, *values, *times], *([*row, *time] for time, row in rows)]
    else:
        table = [[*times, *header, *values], *([*time, *row] for time, row in rows)]
    return _add_columns(style, table)


def _add_columns(style: TableStyle, table: list[list[str]]) -> list[list[str]]:
    """The table with columns that are not to be read."""
    for mess, name, place in (
        ("text column", "remark", 1),
        ("empty column", "spare", 2),
        ("column without a name", "", 9),
        ("index column", "", 0),
    ):
        if mess in style.mess and (name or "" not in table[0]):
            for number, line in enumerate(table):
                filled = str(number - 1) if place == 0 else "as usual" if place == 1 else ""
                line.insert(place, filled if number else name)
    return table


def _write_total(style: TableStyle, values: dict[tuple[str, ...], NDArray[np.float64]]) -> list[str]:
    """The last row, of totals; none where rows have more than a time and numbers."""
    extra = {"text column", "empty column", "column without a name", "index column", "values before times"}
    if "total row" not in style.mess or style.layout not in ("one", "wide") or style.form.columns or extra & style.mess:
        return []
    form = NUMBER_FORMS[style.number_form]
    return ["Total", *(form.write(float(np.nansum(column)), decimals=style.decimals) for column in values.values())]


def _encode(style: TableStyle, table: list[list[str]], *, total: list[str]) -> bytes:
    text = io.StringIO()
    delimiter, mess = style.delimiter, style.mess
    writer = csv.writer(
        text, delimiter=delimiter, quoting=csv.QUOTE_ALL if style.quotes_all else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    if "comment" in mess:
        text.write("# exported at night\n")
    if "titles" in mess:
        text.write("Sales of all shops\nMade in 2024\n\n")
    writer.writerows([*table, total] if total else table)
    if "empty rows at the end" in mess:
        text.write((delimiter * (len(table[0]) - 1) + "\n") * 2)
    if "blank lines at the end" in mess:
        text.write("\n\n")
    written = text.getvalue()
    if "spaces after delimiters" in mess and delimiter != "\t" and not style.quotes_all and '"' not in written:
        written = written.replace(delimiter, delimiter + " ")
    written = written.replace("\n", style.newline)
    try:
        content = written.encode(style.encoding)
    except UnicodeEncodeError:
        content = written.encode()
    return gzip.compress(content) if "gzip" in mess else content
