"""What a person sees: the numbers and places in the chart."""

import re

import numpy as np
import pytest

from forecaster.report.chart import plot_forecast


@pytest.mark.parametrize(
    ("scale", "pattern"),
    [(1.0, r"\d{1,2}\.\d"), (1e-3, r"0\.\d{4,5}"), (1e4, r"[\d,]{6,9}"), (1e12, r"\d(\.\d+)?e\+1\d")],
)
def test_numbers_on_the_axis_are_as_long_as_the_range_needs(scale: float, pattern: str) -> None:
    history = scale * (50 + 40 * np.sin(np.arange(30)))
    history[5] = np.nan
    median = np.full(6, 60 * scale)
    chart = plot_forecast(
        history, median=median, low=median - 5 * scale, high=np.full(6, np.nan), labels=("a", "b", "c"), width=80
    )
    lines = chart.splitlines()
    numbers = [line.split("|")[0].strip() for line in lines[:-1]]
    assert all(re.fullmatch(pattern, number) for number in numbers), numbers
    assert lines[-1].split() == ["a", "b", "c"]
    assert max(map(len, lines)) <= 80
    assert sum(line.count("•") for line in lines) == 6
