"""The class `Scores`: results of a backtest as pandas tables."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecaster.data.panel import Panel
from forecaster.evaluation.backtest import Backtest, ModelScores, find_best_baseline, measure_skill
from forecaster.evaluation.records import list_outputs, make_records, tabulate_series, tabulate_steps, write_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Scores", "tabulate_scores"]


@dataclass(frozen=True)
class Scores:
    """Scores of a model, named "forecast", and of simple baselines.

    `seen_windows` is the number of windows that the model was trained on: their scores are too good.
    """

    panel: Panel
    backtest: Backtest
    seen_windows: int
    frame: "pd.DataFrame | pd.Series[Any] | None" = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<Scores: {len(self.backtest.index)} windows, {', '.join(self.backtest.quantiles)}>"

    @cached_property
    def overall(self) -> "pd.DataFrame":
        """A row for each model: MASE, RMSSE, sMAPE in per cent, WAPE, WQL, bias as a fraction, and coverage.

        `coverage-80` is the fraction of true values within the 80 % interval.
        """
        return tabulate_scores(self.backtest.scores)

    @cached_property
    def per_series(self) -> "pd.DataFrame":
        """The mean scores of each series over its windows, a row for each series and model."""
        return self._restore(tabulate_series(self.panel, self.backtest))

    @cached_property
    def steps(self) -> "pd.DataFrame":
        """Each forecast step with the observed value (`actual`) and the baselines' forecasts."""
        return self._restore(tabulate_steps(self.panel, self.backtest))

    def _restore(self, table: "pd.DataFrame") -> "pd.DataFrame":
        """`table` with the types of the frame that the data came from, if any."""
        if self.frame is None:
            return table
        from forecaster.data.frames import restore_types  # noqa: PLC0415 - no command reads a frame

        return restore_types(table, self.frame, panel=self.panel)

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
        return make_records(self.panel, self.backtest, seen=self.seen_windows)

    def save(self, output: str | Path) -> None:
        """Write `records` to the JSON file `output`, with metrics.csv and backtest.csv next to it.

        All of them are written or none. Raises UsageError where `output` is not a .json file, ConfigurationError where
        it cannot be written.
        """
        list_outputs(Path(output))
        write_records(self.panel, self.backtest, records=self.records, output=Path(output))


def tabulate_scores(scores: dict[str, ModelScores]) -> "pd.DataFrame":
    """A row for each model, with its overall scores and the coverage of its intervals."""
    import pandas as pd  # noqa: PLC0415 - commands print their tables themselves

    rows = {
        name: model.overall | {f"coverage-{100 * level:g}": share for level, share in model.coverage.items()}
        for name, model in scores.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).rename_axis("model")
