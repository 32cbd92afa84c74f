"""Totals among the data: rows, series and columns that are sums of the others are found, named and left out."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import as_lists, read

FILES = Path(__file__).parent / "files"
DAYS = range(1, 29)


@pytest.mark.parametrize(
    ("name", "flags", "says", "series"),
    [
        ("umsatz_mit_summe.csv", "", "left out: 1 row with a total instead of a time (", 1),
        (
            "regions_with_total.csv",
            "--id region",
            "left out: 'Total' of column 'region', the sum of the others; --totals keeps it",
            3,
        ),
        (
            "pivot_with_grand_total.csv",
            "",
            "left out: column 'Grand Total', the sum of the others; --totals keeps it",
            3,
        ),
    ],
)
def test_totals_are_left_out_and_named(forecast: Command, name: str, flags: str, says: str, series: int) -> None:
    text = (FILES / name).read_text()
    words = ["--horizon", "2", "--output", "-", *flags.split()]
    outcome = forecast("predict", FILES / name, *words)
    assert outcome.code == 0, outcome.stderr
    assert says in outcome.stderr
    # the same as without the total
    lines = [line for line in text.splitlines() if not line.startswith(("Summe", "Total"))]
    if "Grand" in text:
        lines = [line.rpartition(",")[0] for line in lines]
    Path("plain.csv").write_text("\n".join(lines))
    plain = forecast("predict", "plain.csv", *words)
    assert outcome.stdout == plain.stdout
    assert outcome.stdout.count("\n") == 1 + 2 * series
    kept = forecast("predict", FILES / name, *words, "--totals")
    assert kept.stdout.count("\n") == 1 + 2 * (series + (name != "umsatz_mit_summe.csv"))
    frame = pd.read_csv(FILES / name, sep=None, engine="python")
    panel, summary = read_frame(frame, options=ReadOptions(ids=("region",) if flags else ()))
    assert len(panel) == series
    assert says[:20] in summary.notes[0]


LONG = "region,month,units\nN,2024-01,1\nS,2024-01,5\nN,2024-02,2\nS,2024-02,7\nN,2024-03,4\nS,2024-03,4\n"


def test_a_series_that_is_only_called_a_total_is_kept_and_named() -> None:
    text = LONG + "Total,2024-01,9\nTotal,2024-02,1\nTotal,2024-03,3\n"
    panel, summary = read(text, ids=("region",))
    assert as_lists(panel)["Total",] == [9, 1, 3]
    assert summary.notes == ("'Total' of column 'region' is not the sum of the others, and is forecast like them",)
    panel, summary = read("month,a,b,Total\n2024-01,1,2,9\n2024-02,1,2,1\n2024-03,2,3,4\n")
    assert as_lists(panel)["Total",] == [9, 1, 4]
    assert summary.notes == ("column 'Total' is not the sum of the others, and is forecast like them",)


def test_totals_of_several_levels_are_left_out() -> None:
    rows = [("n", "a", 1), ("n", "b", 2), ("s", "a", 4), ("s", "b", 8)]
    rows += [("n", "Total", 3), ("s", "Total", 12), ("All", "a", 5), ("All", "b", 10), ("All", "Total", 15)]
    text = "".join(f"{region},{item},2024-0{month},{month * y}\n" for month in (1, 2, 3) for region, item, y in rows)
    panel, _ = read("region,item,month,y\n" + text, ids=("region", "item"))
    assert as_lists(panel) == {(region, item): [y, 2 * y, 3 * y] for region, item, y in rows[:4]}


def test_a_rounded_total_with_missing_values_is_found() -> None:
    panel, _ = read("month,a,b,total\n2024-01,100.4,200.4,301\n2024-02,,200.4,200\n2024-03,100,200.3,300\n2024-04,,,\n")
    assert panel.ids == [("a",), ("b",)]


def test_a_last_row_without_a_time_is_a_total_only_if_it_is_the_sum(forecast: Command) -> None:
    text = "shop,month,y\n" + "".join(f"a,2024-0{month},{month + 2}\n" for month in range(1, 6))
    for last in (",,25\n", "Total,,25\n", "Total,,99\n"):
        panel, summary = read(text + last, ids=("shop",))
        assert as_lists(panel) == {("a",): [3, 4, 5, 6, 7]}
        assert summary.notes == ("left out: 1 row with a total instead of a time (data.csv, line 7)",)
    Path("data.csv").write_text(text + "a,,26\n")
    outcome = forecast("predict", "data.csv", "--id", "shop", "--output", "-")
    assert (outcome.code, outcome.stdout) == (65, "")
    assert "line 7: no timestamp" in outcome.stderr


YEARS = (2021, 2022, 2023, 2024)
SPREAD = {
    "grand total below the year": ("", "Total,,{sum}"),
    "grand total below the months": ("", ",Summe,{sum}"),
    "below both, and a line below": ("", "Total,Total,{sum}\n,,\n"),
    "of each year": ("{year},Total,{sum}", ""),
    "of each year, with its number": ("{year} Total,,{sum}", "Grand Total,,{sum}"),
    "of each year, rounded": ("Summe {year},,99", ",Gesamt,{sum}"),
}


@pytest.mark.parametrize("name", SPREAD)
def test_totals_beside_a_time_in_two_columns_are_left_out(forecast: Command, name: str) -> None:
    yearly, last = SPREAD[name]
    plain, lines = ["Year,Month,Sales"], ["Year,Month,Sales"]
    for year in YEARS:
        months = [(month, 100 + 9 * year % 70 + month) for month in range(1, 13 if year < YEARS[-1] else 4)]
        rows = [f"{year},{month},{sales}" for month, sales in months]
        plain, lines = plain + rows, lines + rows
        if yearly and year < YEARS[-1]:
            lines.append(yearly.format(year=year, sum=sum(sales for _, sales in months)))
    lines += [last.format(sum=sum(int(row.rpartition(",")[2]) for row in plain[1:]))] * bool(last)
    Path("plain.csv").write_text("\n".join(plain))
    Path("data.csv").write_text("\n".join(lines))
    words = ["--horizon", "2", "--output", "-"]
    outcome, without = (forecast("predict", name, *words) for name in ("data.csv", "plain.csv"))
    assert (outcome.code, outcome.stdout) == (0, without.stdout), outcome.stderr
    assert outcome.stdout.splitlines()[1].startswith("2024-04,")
    count, first = (3 * bool(yearly) + bool(last), 14 if yearly else 41)
    rows_left_out = f"left out: {count} {'row' if count == 1 else 'rows'} with a total instead of a time"
    assert f"{rows_left_out} (data.csv, line {first})" in outcome.stderr
    panel, summary = read_frame(pd.read_csv("data.csv"))
    assert (len(panel), panel.lengths.tolist()) == (1, [39])
    assert rows_left_out in summary.notes[0]


def test_totals_of_series_whose_time_is_in_two_columns_are_left_out() -> None:
    rows = [f"{year},{month},{region},{month + 5}" for year in YEARS for month in range(1, 13) for region in "ns"]
    yearly = [f"{year},Total,{region},138" for year in YEARS for region in "ns"]
    panel, summary = read("\n".join(["Year,Month,region,units", *rows, *yearly, "Total,,,1104"]))
    assert panel.lengths.tolist() == [48, 48]
    assert summary.notes[0] == "left out: 9 rows with a total instead of a time (data.csv, line 98)"


def test_what_is_no_total_in_a_part_of_a_time_is_refused(forecast: Command) -> None:
    rows = [f"{year},{month},{month}" for year in YEARS for month in range(1, 13)]
    for row, says in (("2024,Totally,9", "cannot be read as a timestamp"), ("2024,,9", "line 50: no timestamp")):
        Path("data.csv").write_text("\n".join(["Year,Month,Sales", *rows, row, "2025,1,4"]))
        outcome = forecast("predict", "data.csv", "--output", "-")
        assert (outcome.code, outcome.stdout) == (65, "")
        assert says in outcome.stderr


def test_a_total_in_the_last_row_of_the_data_is_left_out_with_a_future_too() -> None:
    days = pd.date_range("2024-01-01", periods=33).strftime("%Y-%m-%d")
    table = pd.DataFrame(
        {"ds": [*days[:30], None], "y": [*range(30), sum(range(30))], "price": [1.0, 2.0] * 15 + [None]}
    )
    future = pd.DataFrame({"ds": days[30:], "price": [1.0, 2.0, 1.0]})
    panel, summary = read_frame(table, options=ReadOptions(target="y", known=("price",)), future=future)
    assert panel.values.tolist() == list(range(30))
    assert any(note.startswith("left out: 1 row with a total") for note in summary.notes)


def test_a_grand_total_beside_subtotals_is_said_once_and_left_out(forecast: Command) -> None:
    lines, plain = ["Store,Date,Sales"], ["Store,Date,Sales"]
    for day in range(1, 29):
        a, b, c, d = (day * step % 11 + 5 for step in (2, 3, 5, 7))
        parts = {"A": a, "B": b, "Subtotal 1": a + b, "C": c, "D": d, "North Total": c + d}
        plain += [f"{name},2024-01-{day:02d},{sales}" for name, sales in parts.items()]
        lines += [f"{name},2024-01-{day:02d},{sales}" for name, sales in parts.items()]
        lines.append(f"Grand total,2024-01-{day:02d},{a + b + c + d}")
    Path("plain.csv").write_text("\n".join(plain))
    Path("data.csv").write_text("\n".join(lines))
    outcome, without = (forecast("predict", name, "--output", "-") for name in ("data.csv", "plain.csv"))
    assert (outcome.code, outcome.stdout) == (0, without.stdout), outcome.stderr
    assert "left out: 'Grand total' of column 'Store', the sum of the others" in outcome.stderr
    assert "not the sum" not in outcome.stderr
    wide = "Date,A,B,Subtotal 1,C,D,Subtotal 2,Grand Total\n"
    wide += "".join(
        f"2024-01-{day:02d},{day},3,{day + 3},4,{day % 5},{4 + day % 5},{day + 7 + day % 5}\n" for day in DAYS
    )
    panel, summary = read(wide)
    assert len(panel) == 6
    assert summary.notes == ("left out: column 'Grand Total', the sum of the others; --totals keeps it",)


@pytest.mark.parametrize("blank", ["", "Total"])
def test_a_total_of_all_columns_is_left_out_with_the_subtotals_of_one(blank: str) -> None:
    rows = []
    for month in range(1, 7):
        sales = {("n", "a"): month, ("n", "b"): 2, ("s", "a"): month % 3, ("s", "b"): 5}
        sales |= {("n", "Subtotal"): month + 2, ("s", "Subtotal"): month % 3 + 5}
        sales["Grand total", blank] = month + month % 3 + 7
        rows += [f"{region},{item},2024-{month:02d},{y}\n" for (region, item), y in sales.items()]
    panel, summary = read("region,item,month,y\n" + "".join(rows), ids=("region", "item"))
    assert panel.ids == [("n", "a"), ("n", "b"), ("s", "a"), ("s", "b")]
    assert all(note.startswith("left out: ") for note in summary.notes), summary.notes


def test_a_total_with_an_empty_cell_that_is_no_sum_is_not_left_out() -> None:
    rows = [f"{key},2024-{month:02d},{month}\n" for month in DAYS[:9] for key in ("n,a", "n,b", "Grand total,")]
    with pytest.raises(DataError, match="column 'item', line 4: the series has no name"):
        read("region,item,month,y\n" + "".join(rows), ids=("region", "item"))


def test_a_first_row_without_a_time_is_a_total_only_if_it_is_the_sum(forecast: Command) -> None:
    rows = [(f"2024-01-{day:02d}", day * 3 % 7, day * 5 % 11) for day in range(1, 29)]
    sums = [sum(sessions for _, sessions, _ in rows), sum(orders for *_, orders in rows)]
    lines = [",".join(map(str, row)) for row in rows]
    panel, summary = read("\n".join(["Date,Sessions,Orders", f",{sums[0]},{sums[1]}", *lines]))
    assert (len(panel), panel.lengths.tolist()) == (2, [28, 28])
    assert "left out: 1 row with a total instead of a time (data.csv, line 2)" in summary.notes
    Path("data.csv").write_text("\n".join(["Date,Sessions,Orders", f",{sums[0]},{sums[1] + 9}", *lines]))
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "line 2: no timestamp" in outcome.stderr


def test_a_line_with_the_name_of_a_total_behind_its_cells_is_left_out(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y%m%d")
    rows = [f"{day},{100 + number % 7},{50 + number % 5}" for number, day in enumerate(days)]
    for total in ("Grand total", "Gesamtsumme"):
        lines = ["# ---", "# Property: site", "Date,Users,Sessions", f",4118,2080,{total}", *rows]
        Path("site.csv").write_text("\n".join(lines) + "\n")
        outcome = forecast("predict", "site.csv", "--horizon", "2", "--output", "-")
        assert outcome.code == 0, outcome.stderr
        assert "40 rows, 2 series, daily" in outcome.stderr
        assert (
            f"left out: 1 line with '{total}' behind the cells of the header's columns (site.csv, line 4)"
            in outcome.stderr
        )
        assert outcome.stdout.splitlines()[1].split(",")[1] == "20240210"
    rows[3] += ",what"
    Path("site.csv").write_text("\n".join(["Date,Users,Sessions", ",4118,2080,Grand total", *rows]) + "\n")
    outcome = forecast("predict", "site.csv")
    assert outcome.code == 65
    assert "line 6: more cells than the 3 columns" in outcome.stderr
