"""Time-series forecasts with calibrated intervals from a stacked LSTM.

The commands are available as functions: `forecaster.predict(frame, horizon=12)`; see `docs/python.md`. Names are
imported when they are first used, so that `import forecaster` and `forecast --help` are fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecaster.version import __version__

if TYPE_CHECKING:
    from forecaster.data.read_options import ReadOptions
    from forecaster.evaluation.backtest import BacktestPlan
    from forecaster.forecasting.bounds import Bounds
    from forecaster.forecasting.end_options import EndOptions
    from forecaster.learning.plan import RunControl, TrainingPlan
    from forecaster.library.checking import Findings, check
    from forecaster.library.functions import evaluate, predict, train
    from forecaster.library.model import Model
    from forecaster.library.opening import load
    from forecaster.library.picture_plan import PicturePlan
    from forecaster.library.scores import Scores
    from forecaster.library.templates import template
    from forecaster.nightly.history import monitor
    from forecaster.nightly.monitoring import Monitoring
    from forecaster.nightly.night import run_night
    from forecaster.nightly.plan import NightPlan
    from forecaster.nightly.rules import Gates, Retraining
    from forecaster.report.plotting import Drawing, plot, write_report

__all__ = [
    "BacktestPlan",
    "Bounds",
    "Drawing",
    "EndOptions",
    "Findings",
    "Gates",
    "Model",
    "Monitoring",
    "NightPlan",
    "PicturePlan",
    "ReadOptions",
    "Retraining",
    "RunControl",
    "Scores",
    "TrainingPlan",
    "__version__",
    "check",
    "evaluate",
    "load",
    "monitor",
    "plot",
    "predict",
    "run_night",
    "template",
    "train",
    "write_report",
]

MODULES = {
    "BacktestPlan": "evaluation.backtest",
    "Bounds": "forecasting.bounds",
    "Drawing": "report.plotting",
    "EndOptions": "forecasting.end_options",
    "Findings": "library.checking",
    "Gates": "nightly.rules",
    "Model": "library.model",
    "Monitoring": "nightly.monitoring",
    "NightPlan": "nightly.plan",
    "PicturePlan": "library.picture_plan",
    "ReadOptions": "data.read_options",
    "Retraining": "nightly.rules",
    "RunControl": "learning.plan",
    "Scores": "library.scores",
    "TrainingPlan": "learning.plan",
    "check": "library.checking",
    "evaluate": "library.functions",
    "load": "library.opening",
    "monitor": "nightly.history",
    "plot": "report.plotting",
    "predict": "library.functions",
    "run_night": "nightly.night",
    "template": "library.templates",
    "train": "library.functions",
    "write_report": "report.plotting",
}
"""The module of each name."""

SUBMODULES = ("errors", "settings")


def __getattr__(name: str) -> Any:
    if name in SUBMODULES:
        return import_module(f"{__name__}.{name}")
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *SUBMODULES])
