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
    from forecaster.library.functions import evaluate, load, predict, train
    from forecaster.library.model import Model
    from forecaster.library.scores import Scores
    from forecaster.library.templates import template

__all__ = [
    "BacktestPlan",
    "Bounds",
    "EndOptions",
    "Findings",
    "Model",
    "ReadOptions",
    "RunControl",
    "Scores",
    "TrainingPlan",
    "__version__",
    "check",
    "evaluate",
    "load",
    "predict",
    "template",
    "train",
]

MODULES = {
    "BacktestPlan": "evaluation.backtest",
    "Bounds": "forecasting.bounds",
    "EndOptions": "forecasting.end_options",
    "Findings": "library.checking",
    "Model": "library.model",
    "ReadOptions": "data.read_options",
    "RunControl": "learning.plan",
    "Scores": "library.scores",
    "TrainingPlan": "learning.plan",
    "check": "library.checking",
    "evaluate": "library.functions",
    "load": "library.functions",
    "predict": "library.functions",
    "template": "library.templates",
    "train": "library.functions",
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
