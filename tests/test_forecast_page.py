"""`forecast report`: the page holds the numbers of the forecast file, loads nothing, and works in a real browser."""

import json
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import forecaster
from tests.browser import Browser
from tests.conftest import SAMPLES, Command, make_monthly
from tests.pages import Texts, read_data
from tests.test_worth import make_table

NAMES = {
    "s0": "</script><script>throw new Error('run')</script>",
    "s1": '"><img src=x onerror="throw 1"> & <b>',
    "s2": "مبيعات الشمال",
    "s3": "__proto__",
    "s4": "a\u202eb\x1b[31m",
    "s5": "x" * 300,
}


def test_the_page_has_the_numbers_of_the_forecast_file(forecast: Command, monthly_csv: Path) -> None:
    words = [monthly_csv, "--id", "shop", "--horizon", "8"]
    assert forecast("predict", *words).code == 0
    outcome = forecast("report", *words, "--json")
    assert outcome.code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["series"] == 4
    data, table = read_data(Path("report.html").read_text()), pd.read_csv("forecasts.csv", dtype={"shop": str})
    assert [series["label"] for series in data["series"]] == ["s0", "s1", "s2", "s3"]
    history = pd.read_csv(monthly_csv)
    for series in data["series"]:
        rows = table[table["shop"] == series["label"]]
        times, values = series["forecast"]
        assert data["times"][times][1] == rows["date"].tolist()
        moments = pd.to_datetime(data["times"][times][0], unit="ms").strftime("%Y-%m-%d").tolist()
        assert moments == rows["date"].tolist()
        for name in data["columns"]:
            assert values[name] == rows[name].tolist(), name
        observed = history[history["shop"] == series["label"]]["sales"].tolist()[-60:]
        assert series["history"][1]["observed"] == observed
        assert series["cells"][:3] == ["2020-12-01", observed[-1], rows["forecast"].iloc[0]]
        # from the steps before it alone
        assert data["times"][series["backtest"][0]][1][0] == "2020-05-01"
        assert "data up to 2020-04-01" in series["summary"]


def make_farads(forecast: Command) -> NDArray[np.float64]:
    """The values of a file of a small unit, with its forecast and its report."""
    values = np.round(np.random.default_rng(2).normal(5e-12, 4e-13, 60), 15)
    dates = pd.date_range("2019-01-01", periods=60, freq="MS")
    pd.DataFrame({"month": dates, "farad": values}).to_csv("farad.csv", index=False)
    for command in ("predict", "report"):
        assert forecast(command, "farad.csv", "--horizon", "3").code == 0
    return values


def test_small_units_keep_their_digits(forecast: Command) -> None:
    values = make_farads(forecast)
    (series,) = read_data(Path("report.html").read_text())["series"]
    expected = pd.read_csv("forecasts.csv")
    np.testing.assert_allclose(series["forecast"][1]["forecast"], expected["forecast"], rtol=1e-8)
    np.testing.assert_allclose(series["history"][1]["observed"], values[-len(series["history"][1]["observed"]) :])
    assert f"forecast of {expected['forecast'].iloc[0]:.9g} for" in series["summary"]


@pytest.mark.slow
def test_small_units_are_shown_with_their_digits(forecast: Command, browser: Browser) -> None:
    make_farads(forecast)
    browser.open(Path("report.html"))
    assert "e-12" in browser.run("return document.querySelector('#list tbody').textContent")


def test_the_scores_and_the_coverage_are_those_of_evaluate(forecast: Command, monthly_csv: Path) -> None:
    words = [monthly_csv, "--id", "shop", "--horizon", "8", "--windows", "2"]
    assert forecast("evaluate", *words).code == 0
    assert forecast("report", *words).code == 0
    scores, page = json.loads(Path("metrics.json").read_text()), Path("report.html").read_text()
    text = Texts(page).text
    assert "Seasonal<wbr>Naive" in page, "names take two lines where scores need the room"
    assert "(Zero)" not in text, "there is no such forecast here"
    for name, of in scores["overall"].items():
        assert f"{name}{of['MASE']:.3f}{of['RMSSE']:.3f}" in text, name
    assert f"80%80%{scores['overall']['forecast']['coverage']['0.8']:.0%}" in text
    assert re.search(r"\d\s%", page) is None, "shares are written in one way, which no line breaks"
    metrics = pd.read_csv("metrics.csv").query("model == 'forecast'").set_index("shop")["MASE"].groupby("shop").mean()
    for series in read_data(page)["series"]:
        assert series["cells"][3] == pytest.approx(metrics[series["label"]], abs=6e-4)


def test_the_command_in_the_page_makes_it_again(
    forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECAST_HORIZON", "5")
    words = [
        monthly_csv,
        "--id",
        "shop",
        "--title",
        "A & B",
        "--min",
        "-3",
        "--level",
        "",
        "--allow-fractions",
        "--quiet",
    ]
    assert forecast("report", *words).code == 0
    first = Path("report.html").read_text()
    command = Texts(first.split("<noscript>")[0]).text.split("from the same data:")[1].strip()
    given = "--title 'A & B' --horizon 5 --level '' --min=-3.0 --allow-fractions --id shop"
    assert command == f"forecast report {monthly_csv} {given}"
    assert "--allow-fractionsyes" in Texts(first).text
    assert "--quiet" not in Texts(first).text
    monkeypatch.delenv("FORECAST_HORIZON")
    assert forecast(*shlex.split(command)[1:]).code == 0
    assert read_data(Path("report.html").read_text()) == read_data(first)


def test_a_trained_model_is_named_and_what_it_has_seen_is_said(
    forecast: Command, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained)
    outcome = forecast("report", "--output", str(page := trained.parent / "report.html"))
    assert outcome.code == 0, outcome.stderr
    text = Texts(page.read_text()).text
    assert "the model in model/" in text
    assert "of the backtest lie in what the model was trained on" in text
    assert f"forecast report {trained / 'shops.csv'} --output" in text


def test_what_check_finds_and_remarks_stand_in_the_page(forecast: Command) -> None:
    table = make_monthly(series=3)
    table.loc[table["shop"] == "s1", "sales"] = 7.0
    table.loc[table.index[10], "sales"] = 1e7
    table.to_csv("shops.csv", index=False)
    assert forecast("report", "shops.csv", "--id", "shop").code == 0
    page = Path("report.html").read_text()
    assert "W302" in page
    assert "Fix or empty these cells" in page
    assert "never change" in Texts(page).text
    assert read_data(page)["series"][1]["cells"][-1] == "never changes"


def test_nothing_of_the_data_is_markup_and_nothing_is_loaded(forecast: Command) -> None:
    table = make_monthly(series=6)
    table.assign(shop=table["shop"].map(NAMES)).to_csv("</i><img src=x>.csv".replace("/", "_"), index=False)
    outcome = forecast("report", "<_i><img src=x>.csv", "--id", "shop", "--title", NAMES["s1"])
    assert outcome.code == 0, outcome.stderr
    page = Path("report.html").read_text()
    found = Texts(page)
    assert not {"img", "link", "iframe", "b", "i"} & set(found.tags)
    assert all(address.startswith("#") for address in found.addresses)
    assert len(re.findall("<script", page)) == 5
    assert "default-src 'none'" in page
    labels = [series["label"] for series in read_data(page)["series"]]
    assert set(labels) == {name.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b") for name in NAMES.values()}


def test_what_covariates_add_stands_with_the_forecast(forecast: Command) -> None:
    make_table().to_csv("data.csv", index=False)
    words = ["data.csv", "--id", "store", "--target", "rides", "--horizon", "7", "--known", "promo"]
    outcome = forecast("report", *words, "--future-fill", "last")
    assert outcome.code == 0, outcome.stderr
    page = Path("report.html").read_text()
    assert "What the covariates do" in page
    assert "What the covariates are worth" in Texts(page).text
    reading = forecaster.ReadOptions(ids=("store",), target="rides", known=("promo",))
    for series in read_data(page)["series"]:
        expected = forecaster.load("base").explain(
            "data.csv", series=series["label"], horizon=7, reading=reading, future_fill="last"
        )
        ((column, added),) = series["effects"]
        assert column == "promo"
        assert expected.effects is not None
        np.testing.assert_allclose(added, expected.effects.added[:, 0], rtol=1e-3, atol=1e-9)
    assert any(max(map(abs, series["effects"][0][1])) > 1 for series in read_data(page)["series"])


def test_series_that_cannot_be_forecast_are_listed(forecast: Command) -> None:
    table = make_monthly(series=3)
    table.loc[table["shop"] == "s1", "sales"] = None
    table.to_csv("shops.csv", index=False)
    assert forecast("report", "shops.csv", "--id", "shop").code == 3
    empty = next(series for series in read_data(Path("report.html").read_text())["series"] if series["label"] == "s1")
    assert empty["forecast"] is None
    assert empty["cells"][-1] == "no values"
    assert "NaN" not in json.dumps(empty)


def test_a_page_of_long_histories_stays_small(forecast: Command) -> None:
    rng = np.random.default_rng(0)
    dates = pd.date_range("2000-01-01", periods=20_000, freq="h")
    values = rng.normal(size=(20_000, 3)).cumsum(axis=0).round(4)
    pd.DataFrame(values, columns=list("abc")).assign(time=dates).to_csv("long.csv", index=False)
    outcome = forecast("report", "long.csv", "--horizon", "24", "--history", "20000")
    assert outcome.code == 0, outcome.stderr
    page = Path("report.html").read_text()
    assert "drawn with 1 of 20 steps" in page
    data = read_data(page)
    assert all(len(series["history"][1]["observed"]) <= 1002 for series in data["series"])
    assert max(data["series"][0]["history"][1]["observed"]) == values[:, 0].max()
    assert len(page) < 2e6


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["-o", "a.pdf"], 2, "ends in .html"),
        (["-o", "shops.html"], 2, "would overwrite"),
        (["--level", "100"], 2, "--level 100"),
        (["-o", "no/a.html"], 78, "there is no folder"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(forecast: Command, words: list[str], code: int, reason: str) -> None:
    make_monthly().to_csv("shops.html", index=False)
    before = sorted(Path().iterdir()), Path("shops.html").read_bytes()
    outcome = forecast("report", "shops.html", "--id", "shop", *words)
    assert (outcome.code, reason in outcome.stderr) == (code, True), outcome.stderr
    assert (sorted(Path().iterdir()), Path("shops.html").read_bytes()) == before


def test_the_extra_is_named_where_it_is_not_installed(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lets_plot_kotlin_bridge", None)
    outcome = forecast("report", SAMPLES / "air_passengers.csv")
    assert outcome.code == 78
    assert "pip install 'forecast-lstm[plot]'" in outcome.stderr
    assert not Path("report.html").exists()


def test_series_without_a_value_end_with_a_code_of_their_own(forecast: Command) -> None:
    rows = [f"{name},2024-01-{day:02d},{'' if name == 'b' else day}\n" for name in "ab" for day in range(1, 29)]
    Path("data.csv").write_text("id,day,sold\n" + "".join(rows))
    outcome = forecast("report", "data.csv", "--horizon", "3", "--json", "-o", "page.html")
    assert outcome.code == forecast("predict", "data.csv", "--horizon", "3", "-o", "out.csv").code == 3
    assert "No value to forecast from in 1 of them" in outcome.stderr
    assert json.loads(outcome.stdout.splitlines()[-1])["failed"] == 1
    assert Path("page.html").exists()
