"""Legends of many parts stand in several rows where one does not fit, and long labels do not squeeze a chart."""

from pathlib import Path

import pytest

from forecaster.library.opening import open_model
from forecaster.library.picture_plan import PicturePlan
from forecaster.library.pictures import take_pictures
from forecaster.report.descriptions import Wording, describe_pictures
from forecaster.report.looks import LOOKS
from tests.browser import Browser
from tests.conftest import SAMPLES, Command

AIRLINE = SAMPLES / "air_passengers.csv"
OUTSIDE = """
return [...document.querySelectorAll('.chart > div svg, .chart > svg')].flatMap((svg) => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter((text) => {
    const own = text.getBoundingClientRect();
    return own.width && (own.left < box.left - 1 || own.right > box.right + 1);
  }).map((text) => text.textContent);
});
"""


@pytest.mark.parametrize(("levels", "rows"), [((), 1), ((80, 95), 1), ((50, 80, 90, 95), 1), ((40, 50, 60, 80, 95), 2)])
def test_the_legend_of_a_picture_has_as_many_rows_as_it_needs(levels: tuple[float, ...], rows: int) -> None:
    model = open_model(None)
    pictures = take_pictures(model, model.read(str(AIRLINE)), plan=PicturePlan(levels=levels))
    chosen = pictures.take_all([0])
    description = describe_pictures(
        chosen, levels=pictures.levels, look=LOOKS["light"], has_dates=True, wording=Wording("", "", "", "")
    )
    assert {scale["guide"]["nrow"] for scale in description["scales"] if "guide" in scale} == {rows}


@pytest.mark.slow
def test_all_of_a_legend_is_seen_at_any_width(forecast: Command, browser: Browser) -> None:
    assert forecast("report", AIRLINE, "--level", "50,80,90,95").code == 0
    for width in (390, 700, 760, 900, 1280):
        browser.open(Path("report.html"), width=width)
        assert browser.run("return document.querySelectorAll('.opened .chart svg text').length") > 8
        assert browser.run(OUTSIDE) == [], width
    assert browser.read_errors() == []


@pytest.mark.slow
def test_a_chart_with_long_labels_is_not_squeezed_on_a_narrow_screen(forecast: Command, browser: Browser) -> None:
    assert forecast("inspect", "base", AIRLINE, "--output", "page.html").code == 0
    browser.open(Path("page.html"), width=390)
    # from the highest to the lowest number of the axis
    measure = """
    return [...document.querySelectorAll('.chart')].map((chart) => {
      const numbers = [...chart.querySelectorAll('text')].filter((text) => /^-?[\\d.,]+$/.test(text.textContent));
      const boxes = numbers.map((text) => text.getBoundingClientRect());
      const places = boxes.filter((box) => box.width && box.height < 30).map((box) => box.top);
      return Math.max(...places) - Math.min(...places);
    });
    """
    heights = browser.run(measure)
    assert len(heights) == 6
    assert min(heights) > 110, heights
