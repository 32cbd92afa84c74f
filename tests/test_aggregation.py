"""Several rows in a step, and stamps that jitter: aggregated by --freq and --aggregate, without the incomplete ends."""

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import UsageError
from tests.conftest import Command

TILL = Path(__file__).parent / "files" / "till_transactions.csv"
DAILY = ["--freq", "D", "--aggregate", "sum", "--horizon", "6", "--output", "-"]


def read(times: Any, values: Any, *, series: Any = "a", **options: Any) -> tuple[Panel, ReadSummary]:
    pd.DataFrame({"id": series, "time": times, "y": values}).to_csv("data.csv", index=False)
    return read_panel("data.csv", options=ReadOptions(**options))


def test_the_transactions_of_a_till(forecast: Command) -> None:
    outcome = forecast("predict", TILL, *DAILY)
    assert outcome.code == 0, outcome.stderr
    # the last Saturday ends at noon, and the shop is closed on Sundays
    assert "daily (Monday to Saturday)" in outcome.stderr
    assert "455 rows give 35 steps by their sum" in outcome.stderr
    assert "incomplete steps left out: 1 at the end" in outcome.stderr
    assert "--fill 0 counts the closed ones too" in outcome.stderr
    table = pd.read_csv(StringIO(outcome.stdout))
    days = ["24", "26", "27", "28", "29"]
    assert table["time"].tolist() == [f"2024-02-{day} 00:00:00" for day in days] + ["2024-03-01 00:00:00"]
    summed = pd.read_csv(TILL, parse_dates=["time"]).set_index("time")["amount"].resample("D").sum()
    panel, _ = read_panel(str(TILL), options=ReadOptions(frequency="D", aggregate="sum"))
    np.testing.assert_allclose(panel.values, summed[summed > 0][:-1])


def test_the_options_are_named_where_such_files_are_met(forecast: Command) -> None:
    refused = forecast("predict", TILL)
    assert refused.code == 65
    assert "--freq D --aggregate sum" in refused.stderr
    text = TILL.read_text().splitlines()
    Path("twice.csv").write_text("\n".join([*text, text[-1]]) + "\n")
    refused = forecast("predict", "twice.csv")
    assert refused.code == 65
    assert "for transactions use --freq D --aggregate sum, and --fill 0 where a day without any" in refused.stderr
    assert forecast("predict", "twice.csv", *DAILY).code == 0
    zeros = forecast("predict", TILL, *DAILY, "--fill", "0")
    assert "2024-02-25" in zeros.stdout


def test_a_frame_in_any_order_is_aggregated_as_the_file(forecast: Command) -> None:
    written = pd.read_csv(StringIO(forecast("predict", TILL, *DAILY).stdout))
    frame = pd.read_csv(TILL, parse_dates=["time"]).sample(frac=1, random_state=2)
    for shift in (0, 70):
        moved = frame.assign(time=frame["time"] + pd.Timedelta(days=shift))
        table = forecaster.predict(moved, horizon=6, reading=ReadOptions(frequency="D", aggregate="sum"))
        assert (table["time"] - pd.Timedelta(days=shift)).astype(str).str[:10].tolist() == (
            written["time"].str[:10].tolist()
        )
        np.testing.assert_allclose(table["forecast"], written["forecast"], rtol=1e-5)


@pytest.mark.parametrize("rule", ["sum", "mean", "last", "max"])
@pytest.mark.parametrize(
    ("frequency", "pandas_frequency", "seen"),
    [("W-MON", "W-MON", 6), ("W", "W-SUN", 6), ("MS", "MS", 28), ("ME", "ME", 28), ("2h", "2h", 0.05)],
)
def test_steps_are_those_of_pandas(rule: str, frequency: str, pandas_frequency: str, seen: float) -> None:
    step = "30min" if frequency == "2h" else "D"
    times = pd.date_range("2024-01-05 01:00" if step == "30min" else "2024-01-05", periods=200, freq=step)
    values = np.random.default_rng(1).random(200)
    panel, summary = read(times, values, frequency=frequency, aggregate=rule)
    grouped = pd.Series(values, times).resample(pandas_frequency)
    expected, counts = getattr(grouped, rule)(), grouped.count()
    whole = expected[counts >= (4 if step == "30min" else seen + (1 if frequency[0] == "W" else 0))]
    np.testing.assert_allclose(panel.values, whole)
    np.testing.assert_array_equal(panel.timestamps_of(0, back=len(whole), ahead=0), whole.index.to_numpy())
    assert any("incomplete steps left out" in note for note in summary.notes)


def test_stamps_that_jitter() -> None:
    generator = np.random.default_rng(3)
    regular = pd.date_range("2024-01-01", periods=400, freq="10min")
    times = regular + pd.to_timedelta(generator.integers(0, 90, 400), unit="s")
    panel, _ = read(times, np.arange(400.0), frequency="h", aggregate="mean")
    expected = pd.Series(np.arange(400.0), regular).resample("h").mean()[:-1]
    np.testing.assert_allclose(panel.values, expected)


def test_whole_steps_are_kept() -> None:
    times = pd.date_range("2024-01-01", "2024-01-31 23:00", freq="h")
    panel, summary = read(times, 1.0, frequency="D", aggregate="sum")
    assert panel.values.tolist() == [24.0] * 31
    assert not any("incomplete" in note for note in summary.notes)


def test_a_series_that_begins_within_a_step_begins_with_the_next() -> None:
    times = pd.date_range("2024-01-01", "2024-01-20 23:00", freq="h")
    early, late = pd.Series(1.0, times), pd.Series(2.0, times[60:])
    both = pd.concat([early, late])
    names = ["a"] * len(early) + ["b"] * len(late)
    panel, summary = read(both.index, both.to_numpy(), series=names, frequency="D", aggregate="sum")
    assert panel.lengths.tolist() == [20, 17]
    assert set(panel.values) == {24.0, 48.0}
    assert "incomplete steps left out: 1" in summary.notes


def test_the_day_on_which_the_file_ends_is_left_out_for_all_items() -> None:
    generator = np.random.default_rng(6)
    hours = np.sort(generator.uniform(0, 24 * 30, 600))
    hours = hours[hours < 24 * 29 + 9]  # until nine in the morning
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta((hours * 3600).astype(int), unit="s")
    items = generator.choice(["a", "b", "c", "d"], len(hours))
    panel, summary = read(times, 1.0, series=items, frequency="D", aggregate="sum")
    assert panel.calendar.advance(panel.starts, panel.lengths - 1).max() == np.datetime64("2024-01-29")
    assert any(note.startswith("incomplete steps left out") for note in summary.notes)


def test_days_are_those_of_the_local_clock() -> None:
    times = pd.date_range("2024-03-25", "2024-04-08", freq="h", tz="Europe/Berlin", inclusive="left")
    shown = [time.isoformat() for time in times]
    panel, _ = read(shown, 1.0, frequency="D", aggregate="sum", timezone="Europe/Berlin")
    assert panel.values.tolist() == [24.0] * 6 + [23.0] + [24.0] * 7


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"aggregate": "sum"}, "name the step too, such as --freq D"),
        ({"aggregate": "sum", "frequency": "B"}, "--freq B does not go with --aggregate"),
        ({"aggregate": "sum", "frequency": "QS-FEB"}, "--freq QS-FEB does not go with --aggregate"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_panel(str(TILL), options=ReadOptions(**options))


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("Balance", "a level"),
        ("stock_level", "a level"),
        ("Avg HR", "an average"),
        ("ConversionRate", "an average"),
        ("Sales", ""),
        ("stock sold", ""),
        ("min", ""),
    ],
)
@pytest.mark.parametrize("flags", [{"aggregate": "sum", "frequency": "D"}, {"duplicates": "sum"}], ids=str)
def test_sums_of_levels_and_averages_are_said(target: str, kind: str, flags: dict[str, str]) -> None:
    rows = "".join(f"2024-01-{day:02d},{day * 10 + row}\n" for day in range(1, 21) for row in (0, 5))
    Path("levels.csv").write_text(f"date,{target}\n{rows}")
    flag = next(iter(flags))
    takes = "mean" if kind == "an average" else "last or mean"
    kinds = f"{kind.partition(' ')[2]}s"
    note = f"{target!r} is {kind} by its name, and a sum of {kinds} is none (--{flag} {takes} takes one)"
    for rule, is_sum in (("sum", True), ("last", False)):
        _, summary = read_panel("levels.csv", options=ReadOptions(**(flags | {flag: rule})))  # type: ignore[arg-type]
        assert (note in summary.notes) == (bool(kind) and is_sum)


@pytest.mark.parametrize(("pattern", "alias"), [("MS", "MS"), ("QS", "QS"), ("YS", "YS")])
def test_a_second_row_in_a_month_is_aggregated_by_what_the_message_names(
    forecast: Command, pattern: str, alias: str
) -> None:
    times = pd.date_range("2000-01-01", periods=24, freq=pattern) + pd.Timedelta(days=14)
    rows = [*times, times[7] + pd.Timedelta(days=13)]
    pd.DataFrame({"time": sorted(rows), "amount": 50.5}).to_csv("bills.csv", index=False)
    said = forecast("predict", "bills.csv")
    assert said.code == 65
    assert f"use --freq {alias} --aggregate sum, mean, last or max." in said.stderr
    outcome = forecast("predict", "bills.csv", "--freq", alias, "--aggregate", "sum", "--horizon", "2", "--output", "-")
    assert outcome.code == 0
    assert "25 rows give 24 steps by their sum" in outcome.stderr
