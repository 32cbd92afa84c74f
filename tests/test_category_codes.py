"""Columns whose numbers are codes: named with --categories, they are read as words would be."""

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import UsageError
from tests.conftest import Command
from tests.shops import HORIZON

WORDS = ("--target", "sales", "--known", "ad", "--horizon", HORIZON)
NAMES = {1: "a", 2: "b", 3: "c", 4: "d"}
Table = pd.DataFrame


def make_ads() -> tuple[Table, Table]:
    """Sales that four kinds of advertisements change, in no order of their numbers; and the days after them."""
    generator = np.random.default_rng(5)
    days = pd.date_range("2023-01-01", periods=200 + HORIZON)
    ad = generator.integers(1, 5, len(days))
    sales = 100 + np.array([0, 60, -20, 30])[ad - 1] + generator.normal(0, 2, len(days))
    table = Table({"date": days.strftime("%Y-%m-%d"), "sales": sales.round(1), "ad": ad})
    return table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales").reset_index(drop=True)


def predict(forecast: Command, data: Table, future: Table, *words: str) -> tuple[str, str]:
    data.to_csv("data.csv", index=False)
    future.to_csv("future.csv", index=False)
    outcome = forecast("predict", "data.csv", *WORDS, "--future", "future.csv", "-o", "-", *words)
    assert outcome.code == 0, outcome.stderr
    return outcome.stdout, outcome.stderr


def test_codes_are_read_as_words_are(forecast: Command) -> None:
    data, future = make_ads()
    words = [table.assign(ad=table["ad"].map(NAMES)) for table in (data, future)]
    expected, _ = predict(forecast, words[0], words[1])
    found, said = predict(forecast, data, future, "--categories", "ad")
    assert found == expected
    assert "explained by ad (categories)" in said
    assert found != predict(forecast, data, future)[0]
    # however they are written, in files and frames
    for change in ("{:.1f}", "0{:g}", " {:g}"):
        changed = future.assign(ad=[change.format(ad) for ad in future["ad"]])
        assert predict(forecast, data, changed, "--categories", "ad")[0] == expected
    # with decimals, too
    names = dict(zip(NAMES, ("1.5", "2.25", "10.0", "-0.5"), strict=True))
    coded = [table.assign(ad=table["ad"].map(names)) for table in (data, future)]
    expected, _ = predict(forecast, coded[0], coded[1], "--categories", "ad")
    assert expected == predict(forecast, coded[0], coded[1].assign(ad=coded[1]["ad"] + "0"), "--categories", "ad")[0]
    reading = ReadOptions(target="sales", known=("ad",), categories=("ad",))
    frames = [forecaster.predict(data, horizon=HORIZON, future=future, reading=reading)]
    texts = future.assign(ad=future["ad"].astype(str))
    frames.append(forecaster.predict(data.astype({"ad": float}), horizon=HORIZON, future=texts, reading=reading))
    pd.testing.assert_frame_equal(frames[0], frames[1])


def test_the_template_writes_codes_and_missing_ones_are_missing(forecast: Command) -> None:
    data, future = make_ads()
    expected, _ = predict(forecast, data, future, "--categories", "ad")
    pd.concat([data, future]).to_csv("both.csv", index=False)
    template = forecast("template", "both.csv", *WORDS, "--categories", "ad", "-o", "-")
    assert [line.split(",")[1] for line in template.stdout.splitlines()[1:]] == [str(ad) for ad in future["ad"]]
    marked = data.assign(ad=data["ad"].where(data.index % 10 != 0, -999))
    found, _ = predict(forecast, marked, future, "--categories", "ad", "--missing", "-999")
    assert found != expected
    blank = data.assign(ad=data["ad"].where(data.index % 10 != 0))
    assert predict(forecast, blank, future, "--categories", "ad")[0] == found


def test_a_code_that_only_the_future_has_is_refused(forecast: Command) -> None:
    data, future = make_ads()
    data.to_csv("data.csv", index=False)
    future.assign(ad=7).to_csv("future.csv", index=False)
    refused = forecast("predict", "data.csv", *WORDS, "--categories", "ad", "--future", "future.csv", "-o", "-")
    assert refused.code == 65
    assert "'7' is only in the future, so nothing is known of its effect. The data have '1', '2'" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "sales", "--categories", "ad"), "--categories ad: data.csv is not explained by it. Name it with"),
        ((*WORDS, "--categories", "adt"), "--categories adt: data.csv has no such column (did you mean 'ad'?)."),
    ],
)
def test_columns_that_cannot_be_codes_are_refused(forecast: Command, words: tuple[str, ...], said: str) -> None:
    make_ads()[0].to_csv("data.csv", index=False)
    refused = forecast("predict", "data.csv", *words, "-o", "-")
    assert refused.code == 2
    assert said in refused.stderr


def test_attributes_may_be_codes() -> None:
    table = make_ads()[0].assign(shop="a", region=1)
    table = pd.concat([table, table.assign(shop="b", region=2), table.assign(shop="c", region=1)])
    table.to_csv("data.csv", index=False)
    reading = ReadOptions(target="sales", ids=("shop",), static=("region",), categories=("region",))
    attributes = read_panel("data.csv", options=reading)[0].attributes
    assert attributes is not None
    assert attributes.categories["region"].tolist() == ["1", "2", "1"]
    assert not attributes.numbers


def test_a_model_remembers_which_columns_are_codes(forecast: Command) -> None:
    data, future = make_ads()
    predict(forecast, data, future, "--categories", "ad")
    trained = forecast("train", "data.csv", *WORDS, "--categories", "ad", "--steps", "1", "--keep-covariates")
    assert trained.code == 0, trained.stderr
    said = forecast("predict", "--future", "future.csv", "-o", "-")
    assert "explained by ad (categories)" in said.stderr
    # other columns that are named instead do not have to be codes
    other = data.assign(price=data["ad"] * 1.5)
    other.to_csv("other.csv", index=False)
    words = ("predict", "other.csv", "--known", "price", "--future-fill", "last", "-o", "-")
    again = forecast(*words)
    assert again.code == 0, again.stderr
    assert "explained by price;" in again.stderr
    remembered = ReadOptions(known=("ad", "x"), categories=("ad",))
    assert ReadOptions(known=("x",)).over(remembered).categories == ()
    assert ReadOptions(categories=("x",)).over(remembered).categories == ("x",)
    with pytest.raises(UsageError, match="--categories ad: the frame is not explained by it"):
        forecaster.predict(data, reading=ReadOptions(target="sales", categories=("ad",)))


@pytest.mark.parametrize(
    "codes",
    [
        ("1234567890123456", "1234567890123457"),
        ("7E1", "70"),
        ("1_0", "10"),
        ("inf", "Infinity"),
        ("1.5", "15"),
        ("1.05", "1.5"),
    ],
)
@pytest.mark.parametrize("is_frame", [False, True])
def test_codes_that_are_the_same_number_only_to_a_computer_differ(
    forecast: Command, *, codes: tuple[str, str], is_frame: bool
) -> None:
    data, future = make_ads()
    names = dict(zip(NAMES, (*codes, "3", "4"), strict=True))
    coded = [table.assign(ad=table["ad"].map(names)) for table in (data, future)]
    words = [table.assign(ad=table["ad"].map(NAMES)) for table in (data, future)]
    expected, _ = predict(forecast, words[0], words[1])
    if not is_frame:
        assert predict(forecast, coded[0], coded[1], "--categories", "ad")[0] == expected
        return
    reading = ReadOptions(target="sales", known=("ad",), categories=("ad",))
    coded = [table.astype({"ad": "int64"}) for table in coded] if codes[0].isdigit() else coded
    if codes[0].isdigit():
        # beyond the whole numbers that a float can hold
        coded = [table.assign(ad=table["ad"] + (10**18) * (table["ad"] > 9)) for table in coded]
    found = forecaster.predict(coded[0], horizon=HORIZON, future=coded[1], reading=reading)
    values = [float(line.split(",")[1]) for line in expected.splitlines()[1:]]
    np.testing.assert_allclose(found["forecast"], values, rtol=1e-3)
