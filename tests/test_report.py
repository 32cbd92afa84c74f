"""What a person sees: the numbers and places in the chart."""

import re

import numpy as np
import pandas as pd
import pytest

from forecaster.report.chart import LEGEND, NARROWEST, plot_forecast
from forecaster.report.console import Reporter
from forecaster.report.numbers import round_score
from tests.conftest import SAMPLES, Command, make_monthly

AIRLINE = SAMPLES / "air_passengers.csv"


def read_marks(chart: str) -> dict[int, str]:
    """The numbers on the axis, by row."""
    return {row: line.split(" ┤")[0].strip() for row, line in enumerate(chart.splitlines()) if " ┤" in line}


@pytest.mark.parametrize(
    ("scale", "marks"),
    [
        (1.0, ["100", "80", "60", "40", "20", "0"]),
        (1e-3, ["0.10", "0.08", "0.06", "0.04", "0.02", "0.00"]),
        (1e4, ["1,000,000", "800,000", "600,000", "400,000", "200,000", "0"]),
        (1e12, ["1e+14", "8e+13", "6e+13", "4e+13", "2e+13", "0"]),
    ],
)
@pytest.mark.parametrize("width", [NARROWEST, 60, 100])
def test_the_axis_has_round_numbers_at_equal_distances(scale: float, marks: list[str], width: int) -> None:
    history = scale * (50 + 45 * np.sin(np.arange(30)))
    history[5] = np.nan
    median = np.full(6, 60 * scale)
    none = np.full(6, np.nan)
    chart = plot_forecast(
        history, median=median, low=median - 5 * scale, high=none, labels=("a", "b", "c"), width=width
    )
    found = read_marks(chart)
    assert [*found.values()] == marks
    assert len(set(np.diff([*found]))) == 1
    lines = chart.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[-1].split() == ["a", "b", "c"]
    # many steps share a column of a narrow chart
    assert sum(line.count("•") for line in lines) <= 6
    rows = [row for row, line in enumerate(lines) if "•" in line]
    (row,) = rows
    top, bottom = min(found), max(found)
    assert row == pytest.approx(top + (1 - 60 / 100) * (bottom - top), abs=0.6)


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [([0.2, 7.1], "0", "8"), ([0.0, 0.0], "0.0", "1.0"), ([5.0, 5.0], "0", "5"), ([-3.0, 12.0], "-5", "15")],
)
def test_no_number_is_negative_where_no_value_is(values: list[float], first: str, last: str) -> None:
    series = np.array(values * 10)
    chart = plot_forecast(series, median=series[:4], low=series[:4], high=series[:4], labels=("", "", ""), width=60)
    marks = [*read_marks(chart).values()]
    assert (marks[-1], marks[0]) == (first, last)


def test_numbers_of_a_far_axis_that_lie_close_together_differ() -> None:
    series = np.array([11.0, 19.0] * 10) + 1e9
    chart = plot_forecast(series, median=series[:4], low=series[:4], high=series[:4], labels=("",) * 3, width=60)
    assert [*read_marks(chart).values()] == [str(10**9 + number) for number in range(20, 8, -2)]


@pytest.mark.parametrize(("bias", "shown"), [(-0.0004, "+0.0%"), (0.0, "+0.0%"), (-0.002, "-0.2%"), (0.03, "+3.0%")])
def test_a_bias_that_rounds_to_nothing_has_one_sign(bias: float, shown: str) -> None:
    assert round_score("bias", bias) == shown


def test_what_lies_on_the_ends_of_the_axes_is_drawn() -> None:
    history, median = np.array([0.0, 10.0]), np.array([10.0, 0.0])
    chart = plot_forecast(history, median=median, low=median, high=median, labels=("", "", ""), width=60)
    lines = chart.splitlines()
    marks = read_marks(chart)
    assert "•" in lines[min(marks)]
    assert "•" in lines[max(marks)]
    assert sum(line.count("•") for line in lines) == 2


def test_a_gap_in_the_history_is_not_drawn_over() -> None:
    history = np.full(40, 5.0)
    history[10:30] = np.nan
    history[20] = 5.0
    chart = plot_forecast(
        history, median=np.ones(2), low=np.ones(2), high=np.ones(2), labels=("", "", ""), width=NARROWEST + 60
    )
    (line,) = (line for line in chart.splitlines() if line.lstrip().startswith("5 ┤"))
    drawn = line.split("┤ ")[1]
    assert re.search("⠀{10,}[^⠀]⠀{10,}", drawn), "only the single value in it"


@pytest.mark.parametrize("width", range(NARROWEST, 60, 7))
def test_dates_stand_apart_below_a_narrow_chart(width: int) -> None:
    values = np.arange(30.0)
    labels = ("2020-01-01", "2020-01-30", "2020-02-02")
    chart = plot_forecast(values, median=values[:3], low=values[:3], high=values[:3], labels=labels, width=width)
    shown = chart.splitlines()[-1]
    assert len(shown) <= width
    assert set(shown.split()) <= set(labels), "none runs into another"
    assert shown.endswith(labels[2])


def test_several_series_are_shown_and_the_legend_once(forecast: Command) -> None:
    table = make_monthly(series=7)
    table.to_csv("shops.csv", index=False)
    for words, count in (([], 1), (["--show", "5"], 5), (["--show", "0"], 0), (["--show", "50"], 7)):
        outcome = forecast("predict", "shops.csv", "--id", "shop", *words)
        assert outcome.code == 0
        lines = outcome.stderr.splitlines()
        assert [line for line in lines if re.fullmatch(r"s\d", line)] == [f"s{number}" for number in range(count)]
        assert lines.count(LEGEND) == (count > 0)
    assert "┤" not in forecast("predict", "shops.csv", "--id", "shop", "--show", "5", "-o", "-").stderr
    assert len(pd.read_csv("forecasts.csv")) == 7 * 12


def set_width(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Let the terminal have `width` columns."""
    plain = Reporter.__init__

    def begin(self: Reporter, **options: bool) -> None:
        plain(self, **options)
        self.width = width

    monkeypatch.setattr(Reporter, "__init__", begin)


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (25, "RMSSE, sMAPE, in 95%, WAPE, bias, in 80%, WQL"),
        (40, "RMSSE, sMAPE, in 95%, WAPE, bias"),
        (60, "RMSSE, sMAPE, in 95%"),
        (80, ""),
        (120, ""),
    ],
)
def test_a_narrow_terminal_shows_fewer_scores_and_all_of_them_whole(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, width: int, left_out: str
) -> None:
    set_width(monkeypatch, width)
    outcome = forecast("evaluate", AIRLINE, "-o", "m.json")
    table = [line for line in outcome.stderr.splitlines() if line[:1] in "┏┃┡│└"]
    assert {len(line) for line in table} == {len(table[0])}
    assert len(table[0]) <= width
    assert "…" not in outcome.stderr
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table if line[0] == "│"]
    assert [row[0] for row in rows] == ["forecast", "SeasonalNaive", "Naive", "Drift"]
    assert all(all(row) for row in rows)
    said = re.findall("No room for .*", outcome.stderr)
    assert said == ([f"No room for {left_out}: see m.json."] if left_out else [])


def test_a_narrow_terminal_shows_less_of_what_covariates_are_worth(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_width(monkeypatch, 40)
    noise = np.random.default_rng(0).normal(size=(2, 60))
    days = pd.date_range("2024-01-01", periods=60)
    pd.DataFrame({"ds": days, "y": noise[0], "price": noise[1]}).to_csv("data.csv", index=False)
    outcome = forecast("evaluate", "data.csv", "--target", "y", "--known", "price", "-o", "m.json")
    assert "No room for WAPE of these." in outcome.stderr
    table = [line for line in outcome.stderr.partition("What the covariates")[2].splitlines() if line[:1] in "┏┃┡│└"]
    assert {len(line) for line in table} == {len(table[0])}
    assert all(line.endswith(tuple("┓┃┩│┘")) for line in table)
    assert len(table[0]) <= 40


@pytest.mark.parametrize("width", [20, NARROWEST, 45])
def test_no_line_of_a_chart_is_wider_than_the_terminal(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    set_width(monkeypatch, width)
    outcome = forecast("predict", AIRLINE)
    charts = [line for line in outcome.stderr.splitlines() if "│" in line or "┤" in line]
    assert bool(charts) == (width >= NARROWEST)
    assert all(len(line) <= width for line in charts)
    assert (f"it needs {NARROWEST} columns" in outcome.stderr) == (width < NARROWEST)
