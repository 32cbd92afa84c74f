"""Many charts in one file: those of pixels take minutes, which is said, or refused."""

import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.library.opening import open_model
from forecaster.report.plotting import Drawing, describe_slow
from tests.conftest import Command, make_monthly


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_so_many_charts_that_pixels_take_minutes_are_refused_before_the_forecast(
    forecast: Command, ending: str
) -> None:
    make_monthly(series=61, length=14).to_csv("shops.csv", index=False)
    outcome = forecast("plot", "shops.csv", "--id", "shop", "--show", "61", "-o", f"a.{ending}")
    assert outcome.code == 2
    assert f"61 charts are too many for one {ending.upper()}" in outcome.stderr
    assert "name an .svg file" in outcome.stderr
    assert "smaller --show, for 60 charts at most" in outcome.stderr


def test_that_many_charts_take_long_as_pixels_is_said() -> None:
    given = open_model(None).read(make_monthly(series=20, length=14), reading=ReadOptions(ids=("shop",)))
    words = "12 charts as PNG take tens of seconds to draw; an .svg file takes a few."
    assert describe_slow(given, drawing=Drawing(count=12), ending=".png") == [words]
    assert describe_slow(given, drawing=Drawing(picks=("worst", "best"), count=6), ending=".png") == [words]
    assert describe_slow(given, drawing=Drawing(count=12), ending=".svg") == []
    assert describe_slow(given, drawing=Drawing(count=11), ending=".pdf") == []
    assert describe_slow(given, drawing=Drawing(count=100), ending=".pdf")[0].startswith("20 charts as PDF")
