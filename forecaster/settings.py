"""Every default of the project, once; and what a setting is called on the command line."""

from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = [
    "BASE_SHAPE",
    "CELLS",
    "DEFAULT_LEVELS",
    "FINE_TUNING",
    "FINE_TUNING_SHAPE",
    "FORECAST_FILE",
    "MAX_STEPS",
    "METRICS_FILE",
    "MODEL_FOLDER",
    "PEEPHOLES",
    "QUANTILE_LEVELS",
    "Flag",
    "NetworkShape",
    "PretrainingSettings",
    "TrainingSettings",
    "default_context_length",
    "default_horizon",
]

QUANTILE_LEVELS: tuple[float, ...] = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
"""What the network learns; symmetric, with the median in the middle."""

DEFAULT_LEVELS: tuple[int, ...] = (80, 95)
"""Central intervals that a forecast carries, in per cent."""

MAX_STEPS = 100_000
"""Of a horizon, and cutoffs, and steps between them; what is more is a typing error."""

MODEL_FOLDER = "model"
FORECAST_FILE = "forecasts.csv"
METRICS_FILE = "metrics.json"

CONTEXT_LENGTHS = {1: 40, 4: 60, 5: 90, 7: 112, 12: 96, 24: 192, 52: 104}
"""Steps that the recurrent part looks back on, by main period; lags and indices look further."""


CELLS = ("lstm", "peephole", "coupled", "gru", "rnn", "depth-gated")
PEEPHOLES = ("input", "forget", "output")


@dataclass(frozen=True)
class Flag:
    """What the command line calls a field of options, such as `--id` or `--wide/--long`, and says of it in the help.

    `unit` is what its value is, such as COLUMN; None where the type says all.
    """

    name: str
    help: str
    unit: str | None = None


@dataclass(frozen=True)
class NetworkShape:
    """The cell and the size of the network.

    `peepholes` are the gates that look at the cell state, of a cell that has them; `memory_steps` has the
    memory of new weights reach that far.
    """

    layers: int = 2
    hidden: int = 64
    dropout: float = 0.1
    cell: str = "lstm"
    peepholes: tuple[str, ...] = PEEPHOLES
    memory_steps: int | None = None

    def as_plain(self) -> dict[str, Any]:
        """The shape in values that JSON keeps as they are."""
        return {**asdict(self), "peepholes": list(self.peepholes)}


BASE_SHAPE = NetworkShape(layers=2, hidden=96, dropout=0.0)
"""The size of the base model that comes with the program."""


@dataclass(frozen=True)
class TrainingSettings:
    """How a network learns; the values that gave the figures in `benchmarks/`.

    `steps` None chooses by the amount of data, from `min_steps` to `max_steps`: `steps_per_horizon` that the median
    series is long, or, where that is None too, a step for every four windows. Scores are taken every `score_every`
    steps, and learning ends when `patience` of them brought nothing better. The second stage takes a share
    of the steps that the best weights took, at a share of the rate. All of it is done `ensemble` times; how far
    from the first weights to what was learned it goes in the end is told by `shrinkage`, see `interpolation_weight`.
    """

    steps: int | None = None
    min_steps: int = 200
    max_steps: int = 600
    steps_per_horizon: float | None = None
    batch_size: int = 192
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
        """How far to go from the first weights to what was learned from so many horizons: n² / (n² + shrinkage²).

        Each horizon of it is one lesson on what comes next, however many series there are; with `shrinkage` of them
        half of the way is gone.
        """
        return horizons**2 / (horizons**2 + self.shrinkage**2) if self.shrinkage else 1.0


FINE_TUNING = TrainingSettings(min_steps=150, max_steps=300, steps_per_horizon=4.0, learning_rate=1e-3, shrinkage=4.5)
"""How a network learns that begins with the base model."""
FINE_TUNING_SHAPE = replace(BASE_SHAPE, dropout=NetworkShape.dropout)
"""Its size: that of the base model, with units left out while it learns."""


@dataclass(frozen=True)
class PretrainingSettings:
    """How the base model learns from the prior.

    The rate is constant and falls to nothing over the last `falling_share` of the run. `workers` processes
    sample batches beside the one that learns, with so many `threads`, or one for each usable core.
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
    workers: int = 1
    threads: int | None = None
    device: str = "auto"
    seed: int = 0


def default_horizon(period: int) -> int:
    """One main season, at least 6 steps and at most 60."""
    return min(max(period, 6), 60)


def default_context_length(period: int) -> int:
    """How far the recurrent part looks back, in steps, for a main period of `period` steps."""
    return CONTEXT_LENGTHS.get(period, min(max(2 * period, 96), 192))
