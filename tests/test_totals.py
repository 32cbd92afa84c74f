"""Totals among the data: rows, series and columns that are sums of the others are found, named and left out."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from tests.conftest import Command
from tests.test_reading import as_lists, read

FILES = Path(__file__).parent / "files"


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
