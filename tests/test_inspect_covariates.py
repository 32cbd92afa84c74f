"""What each covariate adds to a forecast: in `forecast inspect`, its page, and Python."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import WindowIndex
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.prepared_pasts import explain_effects
from forecaster.windows import cut_windows
from tests.conftest import SAMPLES, Command
from tests.test_window_covariates import ENCODINGS, HORIZON, make_driven
from tests.test_worth import make_table

READING = forecaster.ReadOptions(ids=("store",), target="rides", known=("promo", "trap"))
WORDS = ("inspect", "base", "data.csv", "--id", "store", "--target", "rides", "--horizon", "7", "--series", "s1")


def make_factors(table: pd.DataFrame) -> pd.DataFrame:
    """Rides that the promotion multiplies."""
    noise = np.random.default_rng(0).normal(size=len(table))
    return table.assign(rides=(48 * 1.5 ** table["promo"] + noise).where(table["rides"].notna()))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("columns", [3, 45])
@pytest.mark.parametrize("row", [0, 1, 2])
def test_the_parts_are_all_of_what_the_encoding_uses(encoding: Encoding, columns: int, row: int) -> None:
    panel = make_driven(260, 250, 10, is_known=tuple(number != 1 for number in range(columns)))
    index = WindowIndex(np.array([row]), panel.lengths[[row]])
    windows = cut_windows(panel, index=index, past_length=encoding.past_length, horizon=HORIZON)
    encoded = encode(windows, encoding=encoding, horizon=HORIZON)
    at_once, later = explain_effects(windows, encoding=encoding, horizon=HORIZON)
    parts, is_factor = at_once.values, at_once.is_factor
    assert not len(later.owners)
    assert parts.shape == (HORIZON, columns - 1)
    assert is_factor == (row == 1)
    np.testing.assert_allclose(parts.sum(axis=1), (np.log(encoded.factor) + encoded.shift)[0], atol=1e-9)
    if row == 2:
        assert not parts.any()
    elif columns == 3:
        assert np.abs(parts[:, 0]).max() > 3 * np.abs(parts[:, 1:]).max()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_part_follows_its_own_column(encoding: Encoding) -> None:
    panel = make_driven(260, 250)
    covariates = panel.covariates
    assert covariates is not None
    index = WindowIndex(np.array([1]), np.array([250]))
    values = covariates.values.copy()
    values[-HORIZON:, 2] = 0.3
    parts = [
        explain_effects(
            cut_windows(of, index=index, past_length=encoding.past_length, horizon=HORIZON),
            encoding=encoding,
            horizon=HORIZON,
        )[0].values
        for of in (panel, replace(panel, covariates=replace(covariates, values=values)))
    ]
    np.testing.assert_allclose(parts[0][:, 0], parts[1][:, 0], atol=1e-12)
    assert (np.abs(parts[0][:, 1] - parts[1][:, 1]) > 1e-6).all()


@pytest.mark.parametrize("is_factor", [False, True])
def test_the_values_are_in_the_units_of_the_data(is_factor: bool) -> None:
    table = make_table() if not is_factor else make_factors(make_table())
    explanation = forecaster.load("base").explain(table, series="s1", horizon=7, reading=READING)
    effects = explanation.effects
    assert effects is not None
    assert effects.columns == ("promo", "trap")
    promo = table["promo"][table["store"] == "s1"].to_numpy()[-7:]
    jump = effects.added[promo == 1, 0].mean() - effects.added[promo == 0, 0].mean()
    assert jump == pytest.approx(24 if is_factor else 30, rel=0.25)
    if is_factor:
        assert effects.factors is not None
        whole = explanation.median * (1 - 1 / effects.factors.prod(axis=1))
        np.testing.assert_allclose(effects.added.sum(axis=1), whole)
        ratio = effects.factors[promo == 1, 0].mean() / effects.factors[promo == 0, 0].mean()
        assert ratio == pytest.approx(1.5, rel=0.1)


def test_the_terminal_and_the_page_show_them(forecast: Command) -> None:
    table = make_factors(make_table())
    table["sky"] = np.random.default_rng(0).choice(["sun", "rain", "fog"], len(table))
    table.to_csv("data.csv", index=False)
    outcome = forecast(*WORDS, "--known", "sky,promo", "-o", "page.html")
    assert outcome.code == 0, outcome.stderr
    shown = outcome.stderr.split("s1: what each covariate adds to the forecast")[1].splitlines()
    rows = [line.split("│")[1].strip() for line in shown if line.startswith("│")][:3]
    assert rows == ["promo", "sky", "all"]
    assert " ×1." in shown[4]
    page = Path("page.html").read_text()
    assert "What each covariate adds" in page
    assert "They are factors: sky × " in page


@pytest.mark.parametrize("at", range(7))
def test_steps_at_which_a_covariate_acts_are_shown_and_what_is_left_out_is_said(forecast: Command, at: int) -> None:
    table = make_factors(make_table())
    table.loc[table["rides"].isna(), "promo"] = 0
    ahead = table[table["rides"].isna() & (table["store"] == "s1")].index
    table.loc[ahead[at], "promo"] = 1
    table.to_csv("data.csv", index=False)
    outcome = forecast(*WORDS, "--known", "promo")
    assert outcome.code == 0, outcome.stderr
    assert outcome.stderr.count("(6 of 7 steps)") == 3
    shown = outcome.stderr.split("s1: what each covariate adds to the forecast (6 of 7 steps)")[1]
    heading = next(line for line in shown.splitlines() if "step 1" in line)
    assert f"step {at + 1} " in heading
    assert heading.count("step") == 6


def test_nothing_is_shown_where_nothing_is_known_ahead(forecast: Command) -> None:
    make_table(ahead=0).to_csv("data.csv", index=False)
    for words in ((), ("--past", "promo")):
        outcome = forecast(*WORDS, *words, "-o", "page.html")
        assert outcome.code == 0, outcome.stderr
        assert "each covariate" not in outcome.stderr + Path("page.html").read_text().split("<noscript>")[0]
    assert forecaster.load("base").explain(SAMPLES / "air_passengers.csv", horizon=2).effects is None


def test_what_is_known_ahead_must_be_there(forecast: Command) -> None:
    table = make_table()
    table[table["rides"].notna()].to_csv("data.csv", index=False)
    known = ("--known", "promo,trap")
    refused = forecast(*WORDS, *known, "-o", "page.html")
    assert refused.code == 65
    assert "14 values of what is known ahead are missing" in refused.stderr
    assert not Path("page.html").exists()
    assert forecast(*WORDS, *known, "--future-fill", "zero").code == 0
    table[table["rides"].isna()].drop(columns="rides").to_csv("ahead.csv", index=False)
    assert forecast(*WORDS, *known, "--future", "ahead.csv").code == 0
    assert forecast(*WORDS, "--future", "ahead.csv").code == 2
    assert forecast(*WORDS, *known, "--future", "none.csv").code == 66
    kept = Path("ahead.csv").rename("ahead.html")
    assert forecast(*WORDS, *known, "--future", kept, "-o", kept).code == 2
