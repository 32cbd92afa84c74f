"""What a nightly run is asked to do: its data, its model, its outputs, and the gates that it must pass."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from forecaster.data.read_options import FutureFill, ReadOptions
from forecaster.errors import UsageError
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.library.forecast_plan import ForecastPlan
from forecaster.limits import check_fields
from forecaster.nightly.rules import Gates, Retraining
from forecaster.settings import DEFAULT_LEVELS, FINE_TUNING, KEPT_RUNS, MODEL_FOLDER, RUNS_FOLDER

__all__ = ["NightPlan"]


@dataclass(frozen=True)
class NightPlan:
    """All that decides what a run computes, besides the content of its files.

    `data` are names as `forecast predict` takes them; `level` are intervals in per cent; `keep` is how many runs stay
    in the folder `runs`, besides the last good one; `max_memory` are bytes.
    """

    data: tuple[str, ...]
    model: Path = Path(MODEL_FOLDER)
    runs: Path = Path(RUNS_FOLDER)
    horizon: int | None = None
    seasons: tuple[int, ...] = ()
    level: tuple[float, ...] = DEFAULT_LEVELS
    quantile_levels: tuple[float, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    ends: EndOptions = field(default_factory=EndOptions)
    reading: ReadOptions = field(default_factory=ReadOptions)
    future: str | None = None
    future_fill: FutureFill | None = None
    has_all_digits: bool = False
    has_mean: bool = False
    budget_seconds: float | None = None
    seed: int = FINE_TUNING.seed
    retraining: Retraining = field(default_factory=Retraining)
    gates: Gates = field(default_factory=Gates)
    keep: int = KEPT_RUNS
    is_forced: bool = False
    max_memory: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if self.runs.resolve() == self.model.resolve():
            raise UsageError(
                f"--runs {self.runs} and --model {self.model} are the same folder. Name one for each of them."
            )

    @property
    def forecast_plan(self) -> ForecastPlan:
        """How the forecasts are made."""
        return ForecastPlan(self.horizon, self.seasons, self.bounds, self.ends, self.future_fill, self.has_mean)

    def describe_options(self) -> dict[str, Any]:
        """The options that decide what the forecasts are, as JSON-compatible values; not where they are written."""
        plain = asdict(self)
        for name in ("runs", "keep", "is_forced", "max_memory", "data", "model", "gates", "retraining"):
            plain.pop(name)
        return {**plain, "model": str(self.model), "gates": asdict(self.gates), "retraining": asdict(self.retraining)}
