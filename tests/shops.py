"""A made-up shop with promotions and prices that are known ahead, as a table."""

import numpy as np
import pandas as pd

__all__ = ["HORIZON", "make_shop"]

HORIZON = 14


def make_shop(*, days: int = 200, effect: str = "added", seed: int = 0, shift: float = 0.0) -> pd.DataFrame:
    """Sales by day that promotions raise by 40, or by half; the last HORIZON days are the future."""
    generator = np.random.default_rng(seed)
    day = np.arange(days + HORIZON)
    promo = (generator.random(len(day)) < 0.2).astype(int)
    week = 100 + 10 * np.sin(2 * np.pi * day / 7) + shift
    sales = week * (1 + 0.5 * promo) if effect == "multiplied" else week + 40 * promo
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=len(day)).strftime("%Y-%m-%d"),
            "sales": (sales + generator.normal(0, 2, len(day))).round(2),
            "promo": promo,
        }
    )
