"""Model cards: everything about a model except its weights, as in `model.json`, or `card.json` for the base model.

Every class is written to JSON field by field, and read back with `read_as`. A new field needs a default, so that older
cards stay readable; any other change is a new format version, see `forecaster.model.old_cards`.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from forecaster.data.calendar import Calendar
from forecaster.data.read_options import ReadOptions
from forecaster.settings import CELLS, MAX_STEPS, NetworkShape, PretrainingSettings, TrainingSettings

__all__ = [
    "FORMAT_VERSION",
    "BaseCard",
    "BaseEncodingCard",
    "Calibration",
    "EncodingCard",
    "KeptCard",
    "ModelCard",
    "PretrainingCard",
    "ScoreCard",
    "SourceCard",
    "TrainingCard",
    "describe_card",
]

FORMAT_VERSION = 3
"""1: the network and the weights had the same names in every folder, and were overwritten. 2: the card was flat."""
MAX_PERIOD = 10**8
"""Larger than the longest main period of a calendar: a minute of microseconds, 60 million steps."""


@dataclass(frozen=True)
class SourceCard:
    """What the model learned from: `data` as named on the command line, how it was read, and its columns.

    `further_data` are the names after the first, where there are several.
    """

    data: str
    read_options: ReadOptions
    id_columns: tuple[str, ...]
    time_column: str
    further_data: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the data; none for a frame in Python."""
        return (self.data, *self.further_data) if self.data else ()


@dataclass(frozen=True)
class BaseEncodingCard:
    """What the network sees: the names of its input channels and candidate forecasts, in their order."""

    channels: tuple[str, ...]
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class EncodingCard(BaseEncodingCard):
    """The same, with the context length in steps and the periods that the model was trained with, see `Encoding`."""

    context_length: int
    periods: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.context_length <= MAX_STEPS:
            raise ValueError(f"'encoding.context_length' is not from 1 to {MAX_STEPS}")
        if not 1 <= len(self.periods) <= 2 or not all(1 <= period <= MAX_PERIOD for period in self.periods):
            raise ValueError(f"'encoding.periods' are not one or two periods from 1 to {MAX_PERIOD}")


@dataclass(frozen=True)
class Calibration:
    """Factors on the half-widths, [block, interval], intervals from the widest to the narrowest.

    `edges` are the first horizon steps of each block, beginning with 0. `residuals` is the number of
    errors behind each block's factors, and `uncalibrated` the nominal levels that had too few.
    """

    edges: list[int]
    factors: list[list[float]]
    residuals: list[int]
    uncalibrated: list[float]


@dataclass(frozen=True)
class ScoreCard:
    """Scores on the held-out windows: `overall` metrics by name, None where undefined.

    `coverage` is the empirical coverage by nominal level, such as "0.8"; `is_calibrated` is whether it was measured
    on calibrated intervals. `is_mostly_zero` says that most values, or most of these medians, are zero.
    """

    overall: dict[str, float | None]
    coverage: dict[str, float | None]
    is_calibrated: bool
    is_mostly_zero: bool = False

    def as_plain(self) -> dict[str, Any]:
        """All of it in one object, as `metrics.json` and `--json` have it."""
        return {**self.overall, "coverage" if self.is_calibrated else "uncalibrated_coverage": self.coverage}


@dataclass(frozen=True)
class KeptCard:
    """How much of what was learned is kept, and why.

    `share` is from 0 to 1. The held-out error of what was kept, or that came closest to it, is lower than the base
    model's by the fraction `gain`, with the standard `error`, over so many `cutoffs` and `series`.
    """

    share: float
    gain: float
    error: float
    cutoffs: int
    series: int


@dataclass(frozen=True)
class TrainingCard:
    """How the model was trained, on how much data, and until when.

    `steps` were planned and `steps_taken` taken, the second stage included. `until` is the last timestamp of the data;
    `earlier_ends`, by name, that of each series that ends earlier. `fingerprint` is a checksum of the data.
    `interpolation_weight` is that of the learned weights against the base model's, `kept` the share of what history
    allows that the held-out windows allow, too; None where learning began from scratch.
    """

    settings: TrainingSettings
    steps: int
    steps_taken: int
    best_step: int
    held_out_windows: int
    interpolation_weight: float
    from_base: bool
    series: int
    observations: int
    until: str
    earlier_ends: dict[str, str]
    fingerprint: str
    kept: KeptCard | None = None


@dataclass(frozen=True)
class ModelCard:
    """Everything about a trained model except its weights.

    `season` is the main one where it was given, `calibration` None where the history was too short for it, and
    `scores` those of the model and the baselines, by name. `checksums` are by file name.
    """

    horizon: int
    quantile_levels: tuple[float, ...]
    season: int | None
    source: SourceCard
    calendar: Calendar
    network: NetworkShape
    encoding: EncodingCard
    calibration: Calibration | None
    scores: dict[str, ScoreCard]
    training: TrainingCard
    versions: dict[str, str]
    checksums: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        levels, half = list(self.quantile_levels), len(self.quantile_levels) // 2
        has_median = len(levels) % 2 == 1 and levels[half] == 0.5
        if levels != sorted(set(levels)) or not has_median or levels[0] <= 0 or levels[-1] >= 1:
            raise ValueError("'quantile_levels' are not ascending from above 0 to below 1 with 0.5 in the middle")
        if not 1 <= self.horizon <= MAX_STEPS:
            raise ValueError(f"'horizon' is not from 1 to {MAX_STEPS}")
        if self.network.cell not in CELLS:
            raise ValueError(f"'network.cell' is not one of {', '.join(CELLS)}")
        if self.calibration is not None:
            edges, factors = self.calibration.edges, self.calibration.factors
            if edges[:1] != [0] or len(factors) != len(edges) or any(len(row) != half for row in factors):
                raise ValueError("'calibration.factors' does not match the number of edges and of quantile levels")


@dataclass(frozen=True)
class PretrainingCard:
    """How the base model was trained: settings, steps, hours, the final loss, MASE by the name of a real data set."""

    settings: PretrainingSettings
    steps_taken: int
    hours: float
    loss: float | None
    scores: dict[str, float]


@dataclass(frozen=True)
class BaseCard:
    """How the base model was made; `command` makes it again. `checksums` are by file name."""

    network: NetworkShape
    encoding: BaseEncodingCard
    quantile_levels: tuple[float, ...]
    pretraining: PretrainingCard
    command: str
    versions: dict[str, str]
    checksums: dict[str, str] = field(default_factory=dict)


def describe_card(card: ModelCard | BaseCard) -> dict[str, Any]:
    """The content of the file, with its format version."""
    return asdict(card) | {"format_version": FORMAT_VERSION}
