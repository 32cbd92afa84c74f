"""Effects that come a step after their cause, such as the fall of sales on the day after a promotion."""

import io

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command
from tests.shops import HORIZON, make_shop


@pytest.mark.parametrize("fall", [0.0, 0.3])
def test_what_happens_on_the_day_after_a_promotion_is_found(forecast: Command, fall: float) -> None:
    table = make_shop(effect="multiplied")
    promo = table["promo"].to_numpy()
    is_after = np.append(0, promo[:-1]) * (1 - promo) == 1
    table["sales"] *= np.where(is_after, 1 - fall, 1.0)
    table.iloc[:-HORIZON].to_csv("data.csv", index=False)
    table.iloc[-HORIZON:].drop(columns="sales").to_csv("future.csv", index=False)
    known = ("--target", "sales", "--known", "promo", "--future", "future.csv", "--horizon", HORIZON, "-o", "-")
    found = pd.read_csv(io.StringIO(forecast("predict", "data.csv", *known).stdout))
    ratio = found["forecast"].to_numpy() / table["sales"].iloc[-HORIZON:].to_numpy()
    assert ratio == pytest.approx(np.ones(HORIZON), abs=0.12)
    usual = (promo == 0) & ~is_after
    after = is_after[-HORIZON:]
    assert after.any()
    level = found["forecast"][usual[-HORIZON:]].mean()
    assert found["forecast"][after].mean() / level == pytest.approx(1 - fall, abs=0.08)
