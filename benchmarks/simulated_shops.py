"""Simulated shops: `python -m benchmarks.simulated_shops`, by the base model without training.

Closed days: shops that sell nothing on Sundays, holidays and, some of them, for three weeks, with a column `open` and
promotions; without and with the column. The day after: sales fall by 30 % on the day after promotions of single days,
or do not, with the promotion as a column.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

import forecaster
from benchmarks.covariates import take_scores
from forecaster import BacktestPlan, ReadOptions

HOLIDAYS = ("01-01", "04-15", "05-01", "05-26", "06-06", "10-03", "12-25", "12-26")
SUNDAY = 6


def make_closing_shop(*, days: int, generator: np.random.Generator) -> pd.DataFrame:
    """One shop with `open`, `promo` and `sales`."""
    dates = pd.date_range("2021-01-01", periods=days)
    day, weekday = np.arange(days), dates.dayofweek.to_numpy()
    promo = ((day // 7) % 2 == 0) & (weekday < SUNDAY - 1)
    is_closed = (weekday == SUNDAY) | dates.strftime("%m-%d").isin(HOLIDAYS)
    if generator.random() < 0.3:
        begin = generator.integers(100, days - 100)
        is_closed |= (day >= begin) & (day < begin + 20)
    level = np.exp(generator.normal(8.5, 0.4) + np.cumsum(generator.normal(0, 0.004, days)))
    season = np.exp(generator.normal(0, 0.1, 7))[weekday] * (1 + 0.1 * np.sin(2 * np.pi * day / 365))
    sales = level * season * np.where(promo, 1.35, 1) * np.exp(generator.normal(0, 0.1, days))
    return pd.DataFrame(
        {"date": dates, "open": 1 - is_closed, "promo": promo * 1, "sales": np.where(is_closed, 0, sales.round())}
    )


def make_falling_shop(*, days: int, fall: float, generator: np.random.Generator) -> pd.DataFrame:
    """One shop with `promo` and `sales`, which fall on the day after."""
    promo = (generator.random(days) < 0.12).astype(float)
    is_after = np.append(0, promo[:-1]) * (1 - promo)
    level = 200 * np.exp(np.cumsum(generator.normal(0, 0.005, days)))
    season = 1 + 0.15 * np.sin(2 * np.pi * np.arange(days) / 7)
    sales = level * season * (1 + 0.5 * promo) * (1 - fall * is_after) * np.exp(generator.normal(0, 0.08, days))
    return pd.DataFrame({"date": pd.date_range("2022-01-03", periods=days), "promo": promo, "sales": sales.round(2)})


def measure(shops: list[pd.DataFrame], *, known: tuple[str, ...], plan: BacktestPlan) -> dict[str, float]:
    """Scores of the base model on shops of one draw."""
    table = pd.concat([shop.assign(shop=f"s{number}") for number, shop in enumerate(shops)])
    reading = ReadOptions(ids=("shop",), target="sales", known=known)
    return take_scores(forecaster.evaluate(table, model="base", plan=plan, reading=reading))


def list_cases() -> Iterator[tuple[str, list[dict[str, float]]]]:
    """What is measured, with the scores of each draw."""
    draws = [np.random.default_rng(seed) for seed in range(4)]
    closing = [[make_closing_shop(days=620, generator=draw) for _ in range(16)] for draw in draws]
    for known in (("promo",), ("promo", "open")):
        plan = BacktestPlan(horizon=42, windows=6)
        yield f"closed days, {' and '.join(known)}", [measure(shops, known=known, plan=plan) for shops in closing]
    for days in (120, 300):
        for fall in (0.0, 0.3):
            shops = [[make_falling_shop(days=days, fall=fall, generator=draw) for _ in range(5)] for draw in draws]
            plan = BacktestPlan(horizon=14, windows=4)
            name = f"{days} days, a fall of {fall:.0%} on the day after"
            yield name, [measure(every, known=("promo",), plan=plan) for every in shops]


def main() -> None:
    """Print the scores, means over the draws."""
    for name, scores in list_cases():
        means = {metric: np.mean([one[metric] for one in scores]) for metric in ("MASE", "WQL", "in 80%")}
        print(f"{name:50s} " + "  ".join(f"{metric} {value:.4f}" for metric, value in means.items()), flush=True)


if __name__ == "__main__":
    main()
