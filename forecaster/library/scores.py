"""The class `Scores`: results of a backtest as pandas tables."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecaster.data.panel import Panel
from forecaster.evaluation.backtest import (
    MODEL_NAME,
    Backtest,
    BacktestPlan,
    ModelScores,
    Progress,
    backtest,
    find_best_baseline,
    measure_skill,
)
from forecaster.evaluation.records import (
    count_seen_windows,
    list_outputs,
    make_records,
    tabulate_series,
    tabulate_steps,
    write_records,
)
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.left_out_values import LeftOut, find_left_out
from forecaster.forecasting.self_calibration import calibrate_by_past, correct_mean_by_past
from forecaster.library.covariate_remarks import describe_left_out
from forecaster.library.inputs import Given, restore_types
from forecaster.library.wording import count_things
from forecaster.model.card import ModelCard

if TYPE_CHECKING:
    import pandas as pd

    from forecaster.evaluation.worth import Worth

__all__ = ["FAIR", "Scores", "describe_windows", "score_model", "tabulate_scores"]

FAIR = "train on the data before them alone: with --until DATE, or, in Python, on a frame that ends there."
"""How windows are had that the model has not seen."""


@dataclass(frozen=True)
class Scores:
    """Scores of a model, named "forecast", and of simple baselines.

    `seen_windows` is the number of windows that the model was trained on: their scores are too good. `worth` is what
    the covariates are worth, None without any; `left_out` are values of theirs that are taken for typing errors.
    """

    panel: Panel
    backtest: Backtest
    seen_windows: int
    frame: "pd.DataFrame | pd.Series[Any] | None" = field(default=None, repr=False)
    worth: "Worth | None" = None
    left_out: tuple[LeftOut, ...] = ()

    def __repr__(self) -> str:
        return f"<Scores: {count_things(len(self.backtest.index), 'window')}, {', '.join(self.backtest.quantiles)}>"

    @cached_property
    def overall(self) -> "pd.DataFrame":
        """A row for each model: MASE, RMSSE, sMAPE in per cent, WAPE, WQL, bias as a fraction, and coverage.

        `coverage-80` is the fraction of true values within the 80% interval.
        """
        return tabulate_scores(self.backtest.scores)

    @cached_property
    def covariates(self) -> "pd.DataFrame | None":
        """What covariates are worth, None without any: the scores with all, with none, and without each column.

        `change` is how much higher than with all the metric is that `worth` names, and `error` its standard error.
        """
        return None if self.worth is None else tabulate_worth(self.worth)

    @cached_property
    def per_series(self) -> "pd.DataFrame":
        """The mean scores of each series over its windows, a row for each series and model."""
        return restore_types(tabulate_series(self.panel, self.backtest), self.frame, panel=self.panel)

    @cached_property
    def steps(self) -> "pd.DataFrame":
        """Each forecast step with the observed value (`actual`) and the baselines' forecasts."""
        return restore_types(tabulate_steps(self.panel, self.backtest), self.frame, panel=self.panel)

    @property
    def mean(self) -> "dict[str, float | None]":
        """Bias, as a fraction, and RMSE, in units of the data, of the mean and of the median."""
        return self.backtest.mean_scores

    @property
    def skill(self) -> float | None:
        """By which fraction the model's score is lower than the best baseline's; None where undefined."""
        return measure_skill(self.backtest.scores)

    @property
    def best_baseline(self) -> str:
        """The baseline with the lowest MASE, or WQL or WAPE where that is undefined."""
        return find_best_baseline(self.backtest.scores)[0]

    @cached_property
    def records(self) -> dict[str, Any]:
        """The content of `metrics.json`."""
        records = make_records(self.panel, self.backtest, seen=self.seen_windows)
        return records if self.worth is None else {**records, "covariates": self.worth.as_plain()}

    def save(self, output: str | Path) -> None:
        """Write `records` to the JSON file `output`, with metrics.csv and backtest.csv next to it.

        All of them are written or none. Raises UsageError where `output` is not a .json file, ConfigurationError where
        it cannot be written.
        """
        list_outputs(Path(output))
        write_records(self.panel, self.backtest, records=self.records, output=Path(output))


def score_model(
    given: Given,
    forecaster: Forecaster,
    *,
    plan: BacktestPlan,
    card: ModelCard | None,
    bounds: Bounds | None = None,
    on_progress: Progress = lambda *_: None,
) -> Scores:
    """Forecast from the cutoffs of `plan` and score the forecasts, also without covariates where there are some.

    `card` is that of a trained model; without one `forecaster` is the base model, whose intervals are calibrated here.
    The mean of both is corrected by earlier cutoffs.
    """
    panel = given.look_ahead(0)
    horizon = plan.horizon or forecaster.horizon
    plan = replace(plan, horizon=horizon)

    # calibrated only by steps before those that are scored here
    ends = panel.lengths - horizon - (plan.windows - 1) * (plan.step or horizon)
    forecaster = (calibrate_by_past if card is None else correct_mean_by_past)(panel, forecaster, ends=ends)
    found = backtest(panel, forecaster, plan, bounds=bounds, on_progress=on_progress)
    worth = None
    if plan.worth and panel.covariates is not None:
        from forecaster.evaluation.worth import Sample, measure_worth  # noqa: PLC0415 - only where there are covariates

        sample = Sample.of(panel, found.index, horizon=horizon)
        shown = found.take(sample.positions)
        worth = measure_worth(panel, shown, forecaster, sample=sample, bounds=bounds, on_progress=on_progress)
    seen = 0 if card is None else count_seen_windows(panel, found, card=card)
    lead = np.zeros(len(found.index), np.int64)
    left_out = find_left_out(panel, found.index, lead=lead, horizon=horizon, encoding=forecaster.encoding)
    return Scores(panel, found, seen, given.frame, worth, tuple(left_out))


def describe_windows(scores: Scores, *, asked: int) -> list[str]:
    """What to know of the windows of a backtest for which `asked` cutoffs were requested, a line each."""
    found, seen = scores.backtest, scores.seen_windows
    cutoffs = int(found.index.cutoff_index.max()) + 1
    lines = describe_left_out(scores.panel, scores.left_out)
    if found.given_up:
        lines.append(
            f"{', '.join(found.given_up)}: given up, as it took too long (--baseline-budget), and not compared."
        )
    lines += _describe_undefined(found)
    if cutoffs < asked:
        lines.append(f"--windows {asked}: the longest series has room for {cutoffs}.")
    if seen:
        lines.append(
            f"{seen} of {count_things(len(found.index), 'window')} lie in what the model was trained on, so these "
            f"scores are optimistic. For a fair test {FAIR}"
        )
    return lines


def _describe_undefined(found: Backtest) -> list[str]:
    """Lines on windows that not all scores count, or none."""
    own, lines = found.scores[MODEL_NAME].per_window, []
    is_empty = np.isnan(own["sMAPE"])
    unscaled = int((np.isnan(own["MASE"]) & ~is_empty).sum())
    counted = count_things(len(is_empty), "window")
    if is_empty.any():
        lines.append(f"No score counts {int(is_empty.sum())} of {counted}, without a value or a forecast to compare.")
    if unscaled:
        lines.append(
            f"MASE and RMSSE do not count {unscaled} of {counted}, whose past never changes or is shorter than a "
            "season; the other scores do."
        )
    return lines


def tabulate_worth(worth: "Worth") -> "pd.DataFrame":
    """A row of scores with all covariates, one with none, and one without each column."""
    import pandas as pd  # noqa: PLC0415 - commands print their tables themselves

    rows = {"all": worth.overall}
    for one in worth.without:
        rows[worth.name(one)] = {**one.overall, "change": one.change, "error": one.error}
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).rename_axis("covariates")


def tabulate_scores(scores: dict[str, ModelScores]) -> "pd.DataFrame":
    """A row for each model, with its overall scores and the coverage of its intervals."""
    import pandas as pd  # noqa: PLC0415 - commands print their tables themselves

    rows = {
        name: model.overall | {f"coverage-{100 * level:g}": share for level, share in model.coverage.items()}
        for name, model in scores.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).rename_axis("model")
