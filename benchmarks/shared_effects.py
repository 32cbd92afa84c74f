"""Effects of covariates that all series have in common: `python -m benchmarks.shared_effects`.

Orange juice, on the two cutoffs before the test part: the base model with the effects that each series shows of its
own, and shrunk towards those of all series, without and with the brand as an attribute (`--static`); with whole pasts,
and with only the newest steps of them. The pooled effects are learned before the first of the cutoffs.
"""

from dataclasses import replace

from benchmarks.covariates import SUITES, cut_last, take_scores
from benchmarks.measuring import write_results
from forecaster import BacktestPlan, ReadOptions, Scores
from forecaster.evaluation.backtest import backtest
from forecaster.forecasting.opening import open_base
from forecaster.learning.pooling import pool_effects
from forecaster.library.inputs import read_data
from forecaster.windows import keep_newest

WINDOWS = 2
PASTS = (15, 35, None)


def main() -> None:
    """Measure, and print the table."""
    suite = next(one for one in SUITES if one.name == "oj_weekly")
    frame = cut_last(suite, suite.read())
    frame["name"] = "brand " + frame["brand"].astype(str)
    reading = ReadOptions(
        ids=suite.ids, time=suite.time, target=suite.target, known=suite.known, static=("name",), frequency="W-THU"
    )
    panel = read_data(frame, reading=reading).panel
    base, horizon = open_base(panel), suite.plan.horizon or 1
    plan = BacktestPlan(horizon=horizon, windows=WINDOWS, mase_season=1)
    described = pool_effects(panel, encoding=base.encoding, held_out=WINDOWS * horizon)
    plain = pool_effects(replace(panel, attributes=None), encoding=base.encoding, held_out=WINDOWS * horizon)
    print("| steps of past | own effects | all series | all series, by brand |\n|---|---|---|---|")
    figures = {}
    for steps in PASTS:
        some = panel if steps is None else keep_newest(panel, steps=steps + horizon)
        found = {
            name: take_scores(
                Scores(some, backtest(some, replace(base, encoding=replace(base.encoding, pooled=pooled)), plan), 0)
            )
            for name, pooled in (("own", None), ("all series", plain), ("by brand", described))
        }
        figures[str(steps or "all")] = found
        cells = [f"{one['MASE']:.3f} / {one['SQL']:.3f} / {one['WQL']:.3f}" for one in found.values()]
        print(f"| {steps or 'all'} | " + " | ".join(cells) + " |", flush=True)
    write_results("shared_effects", figures={"scores": figures})


if __name__ == "__main__":
    main()
