"""Model cards: everything about a model except its weights, as in `model.json`, or `card.json` for the base model.

Every class is written to JSON field by field, and read back with `read_as`. A new field needs a default, so that older
cards stay readable; any other change is a new format version, see `forecaster.model.old_cards`.

A card may come from a stranger. So each class refuses numbers that no training gives, with a ValueError that names the
field; whatever passes must neither fail later nor use up the memory.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from forecaster.data.calendar import Calendar
from forecaster.data.read_options import ReadOptions
from forecaster.model.calibration_card import Calibration
from forecaster.model.card_checks import check_horizon, check_levels, check_shape, require, require_range
from forecaster.model.correction_card import CorrectionCard
from forecaster.model.kept_card import KeptCard
from forecaster.model.pooled_card import PooledCard
from forecaster.model.shared_year_card import SharedYearCard
from forecaster.settings import (
    MAX_PERIOD,
    MAX_STEPS,
    NetworkShape,
    PretrainingSettings,
    TrainingSettings,
)

__all__ = [
    "ADAPTER_VERSION",
    "FORMAT_VERSION",
    "NEWER_PARTS",
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
NEWER_PARTS = {
    "pooled": 4,
    "shared_year": 5,
    "correction": 6,
    "zero_at": 7,
    "roots": 9,
    "climatology": 9,
    "days": 9,
    "own_seasons": 10,
    "smooth_growth": 10,
    "steady_cycles": 10,
    "running_totals": 11,
    "calibration_of_totals": 11,
    "waves": 12,
}
"""The versions of models with these parts: a program that does not know them would forecast something else."""
ADAPTER_VERSION = 8
"""That of models whose correction is an adapter."""


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

    def __post_init__(self) -> None:
        for name in ("channels", "candidates"):
            names = getattr(self, name)
            require(0 < len(names) == len({*names}), f"'encoding.{name}' are not different names")


@dataclass(frozen=True)
class EncodingCard(BaseEncodingCard):
    """The same, with the context length in steps and the periods that the model was trained with, see `Encoding`."""

    context_length: int
    periods: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_range("encoding.context_length", self.context_length, 1, MAX_STEPS)
        require(
            1 <= len(self.periods) <= 2 and all(1 <= period <= MAX_PERIOD for period in self.periods),
            f"'encoding.periods' are not one or two periods from 1 to {MAX_PERIOD}",
        )
        require(len(self.periods) == 1 or 1 < self.periods[0] < self.periods[1], "'encoding.periods' do not ascend")


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

    def __post_init__(self) -> None:
        require(
            all(share is None or 0 <= share <= 1 for share in self.coverage.values()),
            "the 'coverage' in 'scores' is not from 0 to 1",
        )

    def as_plain(self) -> dict[str, Any]:
        """All of it in one object, as `metrics.json` and `--json` have it."""
        return {**self.overall, "coverage" if self.is_calibrated else "uncalibrated_coverage": self.coverage}


@dataclass(frozen=True)
class TrainingCard:
    """How the model was trained, on how much data, and until when.

    `steps` were planned and `steps_taken` taken, the second stage included. `until` is the last timestamp of the data;
    `earlier_ends`, by name, that of each series that ends earlier. `fingerprint` is a checksum of the data.
    `interpolation_weight` is that of the learned weights against the base model's, `kept` the share of what history
    allows that the held-out windows allow, too; None where learning began from scratch. `unread_windows` are those from
    which no correction was learned, as the time budget had ended.
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
    unread_windows: int = 0

    def __post_init__(self) -> None:
        counts = ("steps", "steps_taken", "best_step", "held_out_windows", "series", "observations", "unread_windows")
        for name in counts:
            require(getattr(self, name) >= 0, f"'training.{name}' is below 0")
        require_range("training.interpolation_weight", self.interpolation_weight, 0, 1)


@dataclass(frozen=True)
class ModelCard:
    """Everything about a trained model except its weights.

    `season` is the main one where it was given, `calibration` None where the history was too short for it, and
    `scores` those of the model and the baselines, by name. `checksums` are by file name. `pooled` are None where the
    series have no effects of covariates in common, `shared_year` where nothing that all of them do repeats each year,
    `correction` where the errors of the network cannot be foreseen, `zero_at` where no covariates explain zeros in
    many series, `roots`, `climatology`, `days`, `own_seasons`, `smooth_growth`, `steady_cycles`, `running_totals` and
    `waves` where it learned without them, see `Encoding`. `calibration_of_totals` is for running totals, None where
    they have that of all.
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
    pooled: PooledCard | None = None
    shared_year: SharedYearCard | None = None
    correction: CorrectionCard | None = None
    zero_at: dict[str, list[float]] | None = None
    roots: bool | None = None
    climatology: bool | None = None
    days: bool | None = None
    own_seasons: bool | None = None
    smooth_growth: bool | None = None
    steady_cycles: bool | None = None
    running_totals: bool | None = None
    calibration_of_totals: Calibration | None = None
    waves: bool | None = None

    @property
    def learned_attributes(self) -> tuple[str, ...]:
        """What describes the series and changes their forecasts."""
        adapter = None if self.correction is None else self.correction.adapter
        parts = ([] if part is None else part.attributes for part in (self.pooled, adapter))
        return tuple(dict.fromkeys(one.name for part in parts for one in part))

    def __post_init__(self) -> None:
        check_levels(self.quantile_levels)
        check_shape(self.network)
        check_horizon(self.horizon, calendar=self.calendar)
        if self.season is not None:
            require_range("season", self.season, 1, MAX_PERIOD)
        if self.calibration is not None:
            self.calibration.check_size(self.quantile_levels, name="calibration")
        if self.calibration_of_totals is not None:
            self.calibration_of_totals.check_size(self.quantile_levels, name="calibration_of_totals")
        if self.correction is not None and self.correction.without is not None:
            self.correction.without.check_size(self.quantile_levels, name="correction.without")


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
    """How the base model was made: `command` made it, after and with what the `notes` say, in the order in which it was
    done. `checksums` are by file name.
    """

    network: NetworkShape
    encoding: BaseEncodingCard
    quantile_levels: tuple[float, ...]
    pretraining: PretrainingCard
    command: str
    versions: dict[str, str]
    checksums: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_levels(self.quantile_levels)
        check_shape(self.network)


def describe_card(card: ModelCard | BaseCard) -> dict[str, Any]:
    """The content of the file, with its format version."""
    content, version = asdict(card), FORMAT_VERSION
    correction = content.get("correction")
    for name, newer in NEWER_PARTS.items():
        if content.get(name) is None:
            content.pop(name, None)
        else:
            version = max(version, newer)
    if correction is not None and correction["adapter"] is None:
        correction.pop("adapter")
    elif correction is not None:
        version = max(version, ADAPTER_VERSION)
    return content | {"format_version": version}
