"""Reading files into a Panel: every way in which a table may be written, compared with a plain loop."""

import gzip
import io
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.data.times.dates import format_times
from forecaster.errors import DataError, NotFoundError, UsageError

LONG = "shop,date,sales\na,2024-01-01,1\na,2024-02-01,2\nb,2024-01-01,3.5\nb,2024-02-01,4\nb,2024-03-01,5\n"
WIDE = "date,a,b\n2024-01-01,1,3.5\n2024-02-01,2,4\n2024-03-01,,5\n"
SERIES = {("a",): [1.0, 2.0], ("b",): [3.5, 4.0, 5.0]}


def read(data: str | bytes | Path, **options: Any) -> tuple[Panel, ReadSummary]:
    """Read text as a file named data.csv, or the file or folder at a path."""
    if isinstance(data, Path):
        return read_panel(str(data), options=ReadOptions(**options))
    Path("data.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_panel("data.csv", options=ReadOptions(**options))


def as_lists(panel: Panel) -> dict[tuple[str, ...], list[float]]:
    pieces = np.split(panel.values, panel.offsets[1:-1])
    return {key: piece.tolist() for key, piece in zip(panel.ids, pieces, strict=True)}


def test_long_form_is_read_by_its_id_column() -> None:
    panel, summary = read(LONG, ids=("shop",))
    assert as_lists(panel) == SERIES
    assert panel.starts.tolist() == [datetime(2024, 1, 1)] * 2
    assert (panel.id_columns, panel.time_column, panel.calendar.name) == (("shop",), "date", "monthly")
    assert summary.columns.describe() == "time 'date', target 'sales', series by 'shop'"


def test_wide_form_has_one_series_per_column() -> None:
    panel, summary = read(WIDE)
    assert as_lists(panel) == SERIES
    assert panel.id_columns == ("series",)
    assert summary.columns.describe() == "time 'date', wide: 2 series, one per column"


@pytest.mark.parametrize("text", [f",{WIDE}".replace("\n2", "\n0,2"), WIDE.replace("\n", ",\n")], ids=["index", "tail"])
def test_columns_without_a_name_are_not_series(text: str) -> None:
    assert as_lists(read(text)[0]) == SERIES


def test_one_series_needs_no_id() -> None:
    panel, summary = read("Month,Passengers,note\n1949-01,112,x\n1949-02,118,y\n")
    assert as_lists(panel) == {(): [112.0, 118.0]}
    assert (
        summary.columns.describe()
        == "time 'Month', target 'Passengers', one series; not used: note (--known or --past uses them)"
    )


def test_further_columns_are_named_with_what_would_use_them_where_some_are_used() -> None:
    text = "Month,Passengers,price,note\n1949-01,112,1,x\n1949-02,118,2,y\n"
    said = read(text, known=("price",))[1].columns.describe()
    assert said.endswith("explained by price; not used: note (--known or --past uses them)")


def test_a_time_column_of_another_name_is_detected_by_its_cells() -> None:
    panel, _ = read("n,stand,level\nx,2024-01-01,1\ny,2024-01-02,2\n")
    assert (panel.time_column, as_lists(panel)) == ("stand", {(): [1.0, 2.0]})


def test_several_id_columns_make_one_key() -> None:
    text = "region,sku,date,y\nn,1,2024-01-01,1\ns,1,2024-01-01,2\nn,2,2024-01-01,3\nn,1,2024-01-02,4\n"
    panel, summary = read(text, ids=("region", "sku"))
    assert as_lists(panel) == {("n", "1"): [1.0, 4.0], ("s", "1"): [2.0], ("n", "2"): [3.0]}
    assert "series by 'region' and 'sku'" in summary.columns.describe()


def test_ids_are_kept_as_text() -> None:
    panel, _ = read("id,ds,y\n001,2024-01-01,1\nNA,2024-01-01,2\n1,2024-01-01,3\n001,2024-01-02,4\n1.0,2024-01-01,5\n")
    assert panel.ids == [("001",), ("NA",), ("1",), ("1.0",)]


def test_the_wide_flag_keeps_columns_that_begin_late() -> None:
    days = pd.date_range("2015-01-01", periods=1200).strftime("%Y-%m-%d")
    rows = [f"{day},1,{7 if number >= 1100 else ''},\n" for number, day in enumerate(days)]
    panel, _ = read("date,old,new,none\n" + "".join(rows), wide=True)
    assert panel.lengths.tolist() == [1200, 100, 0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "sale"}, r"--target sale: data.csv has no such column \(did you mean 'sales'\?\)"),
        ({"time": "when"}, "--time when: data.csv has no such column: there are shop, date, sales"),
        ({"ids": ("shop",), "wide": True}, "--wide and --id shop do not go together"),
        ({"target": "sales", "wide": True}, "--wide and --target sales do not go together"),
        ({"time": "sales", "target": "sales"}, "--time and --target both name the column 'sales'"),
        ({"ids": ("shop",), "frequency": "often"}, "--freq often: no such frequency"),
        ({"encoding": "utf-99"}, "--encoding utf-99: no such encoding"),
        ({"encoding": "hex"}, "--encoding hex: no such encoding"),
    ],
)
def test_flags_that_do_not_fit_the_data_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(LONG, **options)


def test_whole_numbers_take_no_frequency() -> None:
    with pytest.raises(UsageError, match="--freq D: the timestamps are whole numbers"):
        read("date,y\n1,1\n2,2\n", frequency="D")


@pytest.mark.parametrize(("wide", "ids"), [(False, ()), (None, ("series",))])
def test_several_numeric_columns_in_long_form_need_a_target(wide: bool | None, ids: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=r"several columns hold numbers \(price, amount\). Name the one .* --target"):
        read("series,date,price,amount\nx,2024-01-01,1,2\nx,2024-01-02,1,2\n", wide=wide, ids=ids)


QUOTED = "".join(f'"{line}"\n' for line in LONG.splitlines()).replace(",", '","')
WRITTEN: dict[str, tuple[bytes, str | None]] = {
    "byte order mark": (LONG.encode("utf-8-sig"), None),
    "byte order mark and flag": (LONG.encode("utf-8-sig"), "utf-8"),
    "utf-16": (LONG.encode("utf-16"), None),
    "utf-16 and flag": (LONG.encode("utf-16"), "utf-16"),
    "gzip": (gzip.compress(LONG.encode()), None),
    "tabs": (LONG.replace(",", "\t").encode(), None),
    "semicolons and decimal commas": (LONG.replace(",", ";").replace(".", ",").encode(), None),
    "bars": (LONG.replace(",", "|").encode(), None),
    "spaces": (LONG.replace(",", ", ").replace("date", "date ").encode(), None),
    "crlf": (LONG.replace("\n", "\r\n").encode(), None),
    "cr": (LONG.replace("\n", "\r").encode(), None),
    "blank lines": (b"\n\n" + LONG.replace("\n", "\n\n").encode(), None),
    "rows of nothing": (LONG.encode() + b",,\n,,\n", None),
    "quotes": (QUOTED.encode(), None),
}


@pytest.mark.parametrize(("content", "encoding"), WRITTEN.values(), ids=WRITTEN)
def test_the_panel_does_not_depend_on_the_text_format(content: bytes, encoding: str | None) -> None:
    panel, summary = read(content, ids=("shop",), encoding=encoding)
    assert as_lists(panel) == SERIES
    assert summary.rows == 5


def test_another_encoding_is_read_when_it_is_named() -> None:
    panel, _ = read(LONG.replace("\na,", "\nKöln,").encode("latin-1"), ids=("shop",), encoding="latin-1")
    assert panel.ids == [("Köln",), ("b",)]


def test_stdin_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(LONG.encode()))))
    panel, _ = read_panel("-", options=ReadOptions(ids=("shop",)))
    assert as_lists(panel) == SERIES


@pytest.mark.parametrize("data", ["parts", "parts/*.csv*"])
def test_files_of_a_folder_or_glob_are_one_table(data: str, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    (folder / "old.csv").mkdir(parents=True)
    (folder / "1.csv").write_text("shop,date,sales\nb,2024-01-01,3.5\na,2024-01-01,1\nb,2024-02-01,4\n")
    (folder / "2.csv.gz").write_bytes(gzip.compress(b"date;sales;shop\n2024-02-01;2,0;a\n2024-03-01;5,0;b\n"))
    (folder / "notes.txt").write_text("not data")
    panel, summary = read_panel(data, options=ReadOptions(ids=("shop",)))
    assert as_lists(panel) == SERIES
    assert (panel.ids, summary.rows) == ([("b",), ("a",)], 5)


def test_a_pattern_that_matches_nothing_is_not_found() -> None:
    for data in ("*.csv", "**x[", "x" * 300):
        with pytest.raises(NotFoundError, match="no such file"):
            read_panel(data)


def test_an_error_in_one_of_many_files_names_it(tmp_path: Path) -> None:
    for name, last in (("1.csv", "2024-02-01,2"), ("2.csv", "2024-02-01,9"), ("3.csv", "soon,1")):
        (tmp_path / name).write_text(f"date,y\n2024-0{name[0]}-02,1\n{last}\n")
    with pytest.raises(DataError, match=r"3\.csv, column 'date', line 3: 'soon' cannot be read"):
        read(tmp_path)
    with pytest.raises(DataError, match=r"2\.csv, line 3: 2024-02-01 is there already \(.*1\.csv, line 3\)"):
        read_panel("[12].csv")


@pytest.mark.parametrize(("rule", "value"), [("sum", 13), ("mean", 6.5), ("last", 9), ("first", 4)])
def test_repeated_rows_are_merged_by_the_rule(rule: str, value: float) -> None:
    panel, summary = read(LONG + "b,2024-02-01,9\nb,2024-02-01,\n", ids=("shop",), duplicates=rule)
    assert as_lists(panel)["b",] == [3.5, value, 5]
    assert summary.merged_rows == 2


@pytest.mark.parametrize(("frequency", "start"), [("MS", "2024-01-01"), ("ME", "2024-01-31")])
def test_days_can_be_summed_into_months(frequency: str, start: str) -> None:
    days = pd.date_range("2024-01-05", "2024-03-31").strftime("%Y-%m-%d")
    panel, summary = read("".join(["date,y\n", *(f"{day},1\n" for day in days)]), frequency=frequency, duplicates="sum")
    assert as_lists(panel) == {(): [27, 29, 31]}
    assert panel.starts[0] == np.datetime64(start)
    assert summary.merged_rows == len(days) - 3


@pytest.mark.parametrize(("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
def test_a_day_of_a_clock_change_has_all_its_hours(day: str, hours: int) -> None:
    stamps = pd.date_range(day, pd.Timestamp(day) + timedelta(days=1), freq="h", tz="Europe/Berlin", inclusive="left")
    texts = [stamp.isoformat() for stamp in stamps]
    text = "".join(["time,y\n", *(f"{text},{number}\n" for number, text in enumerate(texts))])
    panel, summary = read(text, timezone="Europe/Berlin")
    np.testing.assert_array_equal(panel.values, np.arange(hours))
    assert (panel.calendar.name, summary.missing_rows) == ("hourly", 0)
    times = panel.calendar.advance(panel.starts, np.arange(hours))
    assert format_times(times, style=panel.time_style, uses_wall_clock=False).tolist() == texts
    in_utc, summary = read(text)
    np.testing.assert_array_equal(in_utc.values, panel.values)
    assert "several UTC offsets" in summary.notes[0]


@pytest.mark.parametrize("freq", ["D", "MS"])
def test_local_days_and_months_are_steps_at_any_offset(freq: str) -> None:
    stamps = pd.date_range("2024-03-01", periods=40, freq=freq, tz="America/New_York")
    texts = [stamp.isoformat() for stamp in stamps]
    panel, summary = read("".join(["ds,y\n", *(f"{text},1\n" for text in texts)]), timezone="America/New_York")
    assert (panel.lengths.tolist(), summary.missing_rows) == ([40], 0)
    times = panel.calendar.advance(panel.starts, np.arange(40))
    assert format_times(times, style=panel.time_style, uses_wall_clock=True).tolist() == texts


WRITERS: dict[str, Callable[[int], str]] = {
    "monthly": lambda step: f"{2000 + step // 12}-{step % 12 + 1:02d}",
    "daily": lambda step: f"{datetime(2024, 2, 1) + timedelta(days=step):%d/%m/%Y}",
    "hourly": lambda step: f"{datetime(2024, 2, 1) + timedelta(hours=step):%Y-%m-%dT%H:%MZ}",
    "numbered steps": lambda step: str(step - 20),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("seed", range(5))
def test_a_messy_table_is_read_as_a_plain_loop_reads_it(name: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    cells: list[tuple[str, int, str]] = []
    for shop in ("003", "a b", "NA", "Ü", "gone"):
        for step in range(generator.integers(0, 20), generator.integers(50, 80)):
            for _ in range(generator.choice([0, 1, 2], p=[0.1, 0.8, 0.1])):
                is_missing = shop == "gone" or generator.random() < 0.15
                cells.append((shop, step, generator.choice(["", "NA", "nan"]) if is_missing else str(step / 4)))
    cells = [cells[place] for place in generator.permutation(len(cells))]
    lines = [f"{value},{shop},{WRITERS[name](step)}" for shop, step, value in cells]
    panel, summary = read("\n".join(["amount,shop,when", *lines]), ids=("shop",), time="when", duplicates="sum")

    merged: dict[str, dict[int, float]] = {}
    for shop, step, value in cells:
        steps = merged.setdefault(shop, {})
        before = steps.get(step, math.nan)
        number = float(value) if value not in ("", "NA") else math.nan
        steps[step] = number if math.isnan(before) else before if math.isnan(number) else before + number
    expected: dict[tuple[str, ...], list[float]] = {}
    trailing = missing = 0
    for shop, steps in merged.items():
        seen = [step for step, value in steps.items() if not math.isnan(value)]
        inside = range(min(seen), max(seen) + 1) if seen else range(0)
        expected[shop,] = [steps.get(step, math.nan) for step in inside]
        trailing += sum(step not in inside for step in steps)
        missing += sum(step in inside and math.isnan(value) for step, value in steps.items())
    assert panel.ids == list(expected)
    for key, values in as_lists(panel).items():
        np.testing.assert_array_equal(values, expected[key])
    kept = sum(map(len, merged.values())) - trailing
    assert panel.calendar.name == name
    assert (summary.rows, summary.merged_rows) == (len(cells), len(cells) - kept - trailing)
    assert (summary.trailing_rows, summary.missing_values) == (trailing, missing)
    assert summary.missing_rows == len(panel.values) - kept


def test_a_date_that_never_changes_is_the_time_only_where_there_is_no_other() -> None:
    rows = [f"{month:02d},12/03/24 23:00,2024-{month:02d},{100 + month}\n" for month in range(1, 10)]
    panel, _ = read("n,LAST UPDATE,TIME_PERIOD,OBS_VALUE\n" + "".join(rows), target="OBS_VALUE")
    assert (panel.time_column, panel.calendar.name) == ("TIME_PERIOD", "monthly")
