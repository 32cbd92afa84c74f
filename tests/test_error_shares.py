"""What each column adds to a correction of errors, and that an explained forecast shows it."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.encoding.correction import Correction
from forecaster.encoding.error_features import Regressors
from forecaster.encoding.error_models import Adapter, ErrorModel, ErrorRegression
from forecaster.encoding.error_shares import split_correction
from forecaster.settings import QUANTILE_LEVELS
from forecaster.windows import WindowCovariates, Windows
from tests.adapter_tables import READING, keep_past, make_either_table, train_either
from tests.echoes import DAYS, HORIZON


@pytest.mark.parametrize("count", [2, 5])
def test_what_columns_add_is_together_what_they_change(count: int) -> None:
    generator, names = np.random.default_rng(3), tuple(f"c{number}" for number in range(count))
    regressors, steps, units = Regressors(6, (1,), names, (1.0,) * count), 3, 4
    sizes = (6, 0, regressors.ahead)
    numbers = 0.2 * generator.normal(size=units * (6 + steps * (regressors.ahead + 2)) + steps)
    adapter = Adapter.unflatten(numbers, sizes=sizes, steps=steps, units=units)
    values = generator.normal(size=(1, 9, count))
    windows = Windows(
        generator.normal(size=(1, 6)), np.array([6]), WindowCovariates(values, np.ones(count, bool), names)
    )
    quantiles = np.array(QUANTILE_LEVELS)[None, None] * 100 * np.ones((1, steps, 1))
    usual = np.repeat(values[:, :6].mean(axis=1, keepdims=True), 9, axis=1)
    assert windows.covariates is not None
    without = replace(windows, covariates=replace(windows.covariates, values=usual))
    columns = {name: f"column {name}" for name in names}
    regression = ErrorRegression(0.1 * generator.normal(size=(steps, regressors.size)))
    models: tuple[ErrorModel, ...] = (adapter, regression)
    for model in models:
        correction = Correction(regressors, model, 1e-9 * np.eye(6), 1.0)
        whole, added = split_correction(correction, windows, quantiles, levels=QUANTILE_LEVELS, columns=columns)
        none = correction.expect(without, quantiles, levels=QUANTILE_LEVELS)[0][0]
        assert [*added] == [*columns.values()]
        np.testing.assert_allclose(sum(added.values()), whole - none, rtol=1e-6)
        assert np.abs(whole - none).max() > 0.1
    # of a regression each adds what its own weight says
    away = regressors.make(windows, quantiles, levels=QUANTILE_LEVELS).ahead[0, :, 1]
    expected = away * regression.weights[:, 7] * 80
    np.testing.assert_allclose(added["column c0"], expected, rtol=1e-6)


def test_what_the_adapter_reads_of_a_column_is_among_its_effects() -> None:
    corrected, table = train_either()[True], make_either_table()
    day = table.groupby("shop").cumcount()
    ahead = table[(day >= DAYS) & (day < DAYS + HORIZON)].drop(columns="sales")
    explained = corrected.explain(keep_past(table), series="s00", horizon=HORIZON, future=ahead, reading=READING)
    assert explained.effects is not None
    assert {"deal", "feature"} <= {*explained.effects.columns}
    together = explained.effects.added.sum(axis=1)
    own = ahead[ahead["shop"] == "s00"]
    is_either = (own["deal"] != own["feature"]).to_numpy()
    assert together[is_either].mean() > together[~is_either].mean() + 3


def test_on_closed_days_a_column_adds_nothing() -> None:
    corrected, table = train_either()[True], make_either_table()
    day = table.groupby("shop").cumcount()
    is_closed = day % 10 == 0
    table = table.assign(closed=1 * is_closed, sales=table["sales"].where(~is_closed, 0.0))
    reading = replace(READING, known=(*READING.known, "closed"))
    ahead = table[(day >= DAYS) & (day < DAYS + HORIZON)].drop(columns="sales")
    explained = corrected.explain(keep_past(table), series="s00", horizon=HORIZON, future=ahead, reading=reading)
    assert explained.effects is not None
    is_zero = (ahead.loc[ahead["shop"] == "s00", "closed"] == 1).to_numpy()
    assert is_zero.any()
    assert (explained.median[is_zero] == 0).all()
    names = [explained.effects.columns.index(name) for name in ("deal", "feature")]
    assert (explained.effects.added[is_zero][:, names] == 0).all()
    assert (explained.effects.added[~is_zero][:, names] != 0).any()
