"""All default settings, and `Flag`, which declares how a setting appears on the command line."""

from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = [
    "BASELINE_SECONDS",
    "BASE_SHAPE",
    "CELLS",
    "DEFAULT_LEVELS",
    "FINE_TUNING",
    "FINE_TUNING_SHAPE",
    "FORECAST_FILE",
    "FUTURE_FILE",
    "KEPT_RUNS",
    "MAX_PERIOD",
    "MAX_STEPS",
    "METRICS_FILE",
    "MODEL_FOLDER",
    "PEEPHOLES",
    "PLOT_FILE",
    "QUANTILE_LEVELS",
    "REPORT_FILE",
    "RUNS_FOLDER",
    "Flag",
    "NetworkShape",
    "PretrainingSettings",
    "TrainingSettings",
    "default_context_length",
    "default_horizon",
]

QUANTILE_LEVELS: tuple[float, ...] = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5),
    *(0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995),
)
"""The quantiles that the network forecasts; symmetric, with the median in the middle."""

DEFAULT_LEVELS: tuple[int, ...] = (80, 95)
"""Central prediction intervals in the output, in per cent."""

BASELINE_SECONDS = 600
"""Time for each statistical baseline of a backtest; AutoARIMA takes hours on thousands of seasonal series."""

MAX_STEPS = 100_000
"""Upper limit of a horizon, of the number of cutoffs and of the steps between them; more is a typing error."""

MAX_PERIOD = 1_000_000
"""Upper limit of a seasonal period in steps: with longer ones a single forecast takes minutes and gigabytes."""

MODEL_FOLDER = "model"
FORECAST_FILE = "forecasts.csv"
RUNS_FOLDER = "runs"
KEPT_RUNS = 30
"""Runs that stay in that folder, of those that succeeded and of the others."""
FUTURE_FILE = "future.csv"
METRICS_FILE = "metrics.json"
PLOT_FILE = "forecasts.png"
REPORT_FILE = "report.html"

CONTEXT_LENGTHS = {1: 40, 4: 60, 5: 90, 7: 112, 12: 96, 24: 192, 52: 104}
"""Past steps that the recurrent part sees, by main period; lags and seasonal indices look further back."""


CELLS = ("lstm", "peephole", "coupled", "gru", "rnn", "depth-gated")
PEEPHOLES = ("input", "forget", "output")


@dataclass(frozen=True)
class Flag:
    """The command-line name of an option field, such as `--id` or `--wide/--long`, and its help text.

    `unit` is the placeholder for its value in the help, such as COLUMN; None where the type is enough.
    """

    name: str
    help: str
    unit: str | None = None


@dataclass(frozen=True)
class NetworkShape:
    """The cell and the size of the network.

    `peepholes` are the gates that see the cell state, for cells that have such gates; with `memory_steps` new
    weights start with a memory of that length.
    """

    layers: int = 2
    hidden: int = 64
    dropout: float = 0.1
    cell: str = "lstm"
    peepholes: tuple[str, ...] = PEEPHOLES
    memory_steps: int | None = None

    def as_plain(self) -> dict[str, Any]:
        """The shape as JSON-compatible values."""
        return {**asdict(self), "peepholes": list(self.peepholes)}


BASE_SHAPE = NetworkShape(layers=2, hidden=96, dropout=0.0)
"""The size of the base model that comes with the program."""


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained; the defaults gave the results in `benchmarks/`.

    With `steps` None the number depends on the amount of data, from `min_steps` to `max_steps`: `steps_per_horizon`
    for each horizon in the median series' length, or, where that is None too, a step for every four windows. Scores
    are computed every `score_every` steps, and training stops after `patience` scores without improvement. The second
    stage takes a share of the steps of the best weights, at a share of the learning rate. All of it is done `ensemble`
    times; `shrinkage` determines how close the result stays to the initial weights, see `interpolation_weight`. With
    `batch_steps` a batch of long windows has fewer of them: at most so many steps of context and horizon in all.
    """

    steps: int | None = None
    min_steps: int = 200
    max_steps: int = 600
    steps_per_horizon: float | None = None
    batch_size: int = 192
    batch_steps: int | None = None
    learning_rate: float = 3e-3
    warm_up_steps: int = 40
    weight_decay: float = 1e-4
    gradient_norm: float = 1.0
    average_decay: float = 0.99
    score_every: int = 50
    patience: int = 6
    second_stage_share: float = 0.25
    second_stage_rate: float = 0.5
    error_clip: float = 60.0
    held_out_windows: int | None = None
    ensemble: int = 1
    shrinkage: float = 0.0
    budget_seconds: float | None = None
    device: str = "auto"
    seed: int = 0

    def interpolation_weight(self, horizons: float) -> float:
        """Weight of the learned weights against the initial ones, for a history of n horizons: n² / (n² + shrinkage²).

        Each horizon counts as one observation, however many series there are; with `shrinkage` horizons the weight
        is one half.
        """
        return horizons**2 / (horizons**2 + self.shrinkage**2) if self.shrinkage else 1.0


FINE_TUNING = TrainingSettings(
    min_steps=150,
    max_steps=300,
    steps_per_horizon=20.0,
    batch_steps=24_000,
    learning_rate=2e-3,
    patience=3,
    second_stage_share=0.0,
    shrinkage=4.5,
)
"""Training of a network that starts from the base model."""
FINE_TUNING_SHAPE = replace(BASE_SHAPE, dropout=NetworkShape.dropout)
"""Its shape: that of the base model, with dropout."""


@dataclass(frozen=True)
class PretrainingSettings:
    """How the base model is trained on the prior.

    The learning rate is constant, then falls to zero over the last `falling_share` of the run. `workers` processes
    sample batches in parallel to the training process; None is one, or on CUDA one for each usable core. That process
    uses `threads` threads, or one per usable core. With `from_base` the weights start as those of the base model that
    comes with the program.
    """

    steps: int = 100_000
    budget_seconds: float | None = None
    batch_size: int = 128
    learning_rate: float = 2e-3
    falling_share: float = 0.3
    warm_up_steps: int = 200
    weight_decay: float = 1e-4
    gradient_norm: float = 1.0
    average_decay: float = 0.998
    score_every: int = 1000
    error_clip: float = 60.0
    workers: int | None = None
    threads: int | None = None
    device: str = "auto"
    seed: int = 0
    from_base: bool = False


def default_horizon(period: int) -> int:
    """One main season, at least 6 steps and at most 60."""
    return min(max(period, 6), 60)


def default_context_length(period: int) -> int:
    """Number of past steps that the recurrent part sees, for a main period of `period` steps."""
    return CONTEXT_LENGTHS.get(period, min(max(2 * period, 96), 192))
