"""Pictures and reports from Python: those of the commands."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import forecaster
from forecaster.errors import DataError, UsageError
from forecaster.report import plotting
from tests.conftest import SAMPLES, Command

AIRLINE = SAMPLES / "air_passengers.csv"
EMPLOYMENT = SAMPLES / "us_employment.csv"


def test_a_picture_is_that_of_the_command(forecast: Command) -> None:
    words = ["--horizon", "6", "--pick", "worst", "--show", "2", "--theme", "dark", "--title", "Jobs"]
    assert forecast("plot", EMPLOYMENT, "-o", "a.svg", *words).code == 0
    drawing = forecaster.Drawing(picks=("worst",), count=2, theme="dark", title="Jobs")
    names = forecaster.plot(EMPLOYMENT, "b.svg", plan=forecaster.PicturePlan(horizon=6), drawing=drawing)
    assert len(names) == 2
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_that_a_picture_takes_long_is_said_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def draw(*_: Any, ending: str) -> bytes:
        said.append(f"drawn to {ending}")
        return b""

    monkeypatch.setattr(plotting, "SLOW_CHARTS", 1)
    monkeypatch.setattr(plotting, "draw", draw)
    forecaster.plot(AIRLINE, "a.png", plan=forecaster.PicturePlan(horizon=6), on_remark=said.append)
    assert said[-2:] == ["1 charts as PNG take tens of seconds to draw; an .svg file takes a few.", "drawn to .png"]


def test_a_frame_is_reported_as_its_file_but_for_the_command(forecast: Command) -> None:
    assert forecast("report", AIRLINE, "-o", "a.html", "--horizon", "6", "--title", "Air").code == 0
    plan, drawing = forecaster.PicturePlan(horizon=6), forecaster.Drawing(title="Air")
    forecaster.write_report(pd.read_csv(AIRLINE), "b.html", plan=plan, drawing=drawing)
    of_command, of_python = (Path(name).read_text() for name in ("a.html", "b.html"))
    assert "forecast report" in of_command
    assert "To make it again" not in of_python
    # the settings of the command line are among the facts
    tables = [re.findall(r"<table>.*?</table>", page, re.DOTALL) for page in (of_command, of_python)]
    assert len(tables[0]) >= 2
    assert tables[0] == tables[1]
    remarks: list[str] = []
    forecaster.write_report(pd.read_csv(AIRLINE)[:5], "c.html", plan=plan, on_remark=remarks.append)
    assert any("No backtest" in line for line in remarks)


def test_a_plan_without_windows_has_no_backtest_for_that_reason() -> None:
    plan, remarks = forecaster.PicturePlan(horizon=6, windows=0), list[str]()
    forecaster.plot(AIRLINE, "a.svg", plan=plan, on_remark=remarks.append)
    forecaster.write_report(AIRLINE, "a.html", plan=plan, on_remark=remarks.append)
    said = "No backtest: the plan has 0 windows."
    assert remarks.count(said) == 2
    assert said in Path("a.html").read_text()
    assert "backtest" not in Path("a.svg").read_text().casefold()
    with pytest.raises(UsageError, match=r"as windows is 0\. Give 1, or --pick first"):
        forecaster.plot(AIRLINE, "b.svg", plan=plan, drawing=forecaster.Drawing(picks=("worst",)))
    # before anything is read or forecast
    with pytest.raises(UsageError, match="--pick median: not one of first, worst, best"):
        forecaster.Drawing(picks=("median",))


def test_what_is_no_picture_or_page_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf"):
        forecaster.plot(AIRLINE, "a.csv")
    with pytest.raises(UsageError, match="HTML"):
        forecaster.write_report(AIRLINE, "a.csv")
    table = pd.DataFrame({"id": ["a"] * 9 + ["b"] * 9, "t": [*pd.date_range("2024", periods=9)] * 2, "y": 1.0})
    table.loc[table["id"] == "b", "y"] = None
    with pytest.raises(DataError, match="Series b has no value"):
        forecaster.plot(table, "a.svg", drawing=forecaster.Drawing(series=("b",)))
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: forecaster.PicturePlan(horizon=0), "horizon 0: not a whole number"),
        (lambda: forecaster.PicturePlan(horizon=2.5), "horizon 2.5: not a whole number"),  # type: ignore[arg-type]
        (lambda: forecaster.PicturePlan(horizon="4"), "horizon '4': not a whole number"),  # type: ignore[arg-type]
        (lambda: forecaster.PicturePlan(windows=-1), "windows -1: not a whole number from 0"),
        (lambda: forecaster.Drawing(history=0), "history 0: not a whole number"),
        (lambda: forecaster.Drawing(history=2.5), "history 2.5: not a whole number"),  # type: ignore[arg-type]
        (lambda: forecaster.Drawing(count=0), "count 0: not a whole number"),
        (lambda: forecaster.Drawing(theme="blue"), "theme 'blue': not one of light, dark"),  # type: ignore[arg-type]
        (lambda: forecaster.predict(AIRLINE, model=3), "model 3: not a model"),  # type: ignore[arg-type]
        (lambda: forecaster.evaluate(AIRLINE, plan=4), "plan 4: not forecaster.BacktestPlan"),  # type: ignore[arg-type]
        (lambda: forecaster.plot(AIRLINE, "a.svg", plan=4), "plan 4: not forecaster.PicturePlan"),  # type: ignore[arg-type]
        (
            lambda: forecaster.write_report(AIRLINE, "a.html", drawing=4),  # type: ignore[arg-type]
            "drawing 4: not forecaster.Drawing",
        ),
    ],
)
def test_what_is_no_plan_number_or_model_is_refused(make: Callable[[], object], reason: str) -> None:
    with pytest.raises(UsageError, match=re.escape(reason)):
        make()
    assert not list(Path().iterdir())
