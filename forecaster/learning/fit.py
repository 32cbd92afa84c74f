"""From a Panel to a trained model: learn, choose, calibrate, score."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save

from forecaster import __version__
from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.encoding.candidates import CANDIDATES
from forecaster.encoding.channels import CHANNELS
from forecaster.encoding.encoding import Encoding
from forecaster.errors import DataError, UsageError
from forecaster.evaluation.backtest import ModelScores
from forecaster.forecasting.calibration import Calibration
from forecaster.learning.assess import assess
from forecaster.learning.export import export_network
from forecaster.learning.learner import TensorWeights
from forecaster.learning.loop import LearningData, Progress
from forecaster.learning.stages import learn_in_stages
from forecaster.machine import count_usable_cpus
from forecaster.model.base import read_base
from forecaster.model.folder import ModelCard
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import (
    QUANTILE_LEVELS,
    NetworkShape,
    TrainingSettings,
    default_context_length,
    default_horizon,
)
from forecaster.windows import index_training_windows, roll_cutoffs

__all__ = ["TrainedModel", "train"]

MIN_PAST = 3
"""Steps before the cutoff that a window to learn from has at least."""
ENOUGH_HELD_OUT = 16
MAX_HELD_OUT_WINDOWS = 16
RECENT_HORIZONS, RECENT_STEPS = 20, 200
MAX_NAMED_ENDS = 20_000


@dataclass(frozen=True)
class TrainedModel:
    """What `train` made: the parts of a model folder, and how it scored on the held-out windows.

    `calibration` is None where the history of a base model that was kept is too short for any.
    """

    card: ModelCard
    network: bytes
    weights: bytes
    scores: dict[str, ModelScores]
    calibration: Calibration | None


def train(
    panel: Panel,
    *,
    data: str,
    read_options: dict[str, Any],
    horizon: int | None = None,
    seasons: tuple[int, ...] = (),
    context_length: int | None = None,
    shape: NetworkShape,
    settings: TrainingSettings,
    from_base: bool = False,
    checkpoint: Path,
    resume: bool = False,
    on_progress: Callable[[Progress], None] = lambda *_: None,
    stop_signal: Callable[[], int | None] = lambda: None,
) -> TrainedModel:
    """Learn from the series of `panel`, choose the weights by their last held-out windows, calibrate, score.

    With `from_base` learning begins with the base model, which must be of `shape`, and keeps it unless
    something does better on the held-out windows, in its loss and no worse in its MASE; see `assess`.
    `data` and `read_options` are only noted in the model, for reading the same input again. Raises
    DataError when there is too little to learn from, and what `LearningLoop.run` raises.
    """
    torch.set_num_threads(count_usable_cpus())
    torch.manual_seed(settings.seed)
    periods = find_periods(panel, seasons=seasons)
    horizon = horizon or default_horizon(find_season(panel, periods=periods))
    longest = int(panel.lengths.max(initial=0))
    encoding = Encoding(min(context_length or default_context_length(periods[0]), max(longest, 2)), periods)
    learning_data = _divide(panel, encoding=encoding, horizon=horizon, windows=settings.held_out_windows)
    network = StackedLSTM(shape, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS))
    initial_weights = _read_base_weights(shape) if from_base else None
    if initial_weights is not None:
        network.load_state_dict(initial_weights)
    steps = settings.steps or _choose_steps(learning_data, settings=settings)
    described = {
        "shape": asdict(shape),
        "settings": asdict(settings),
        "encoding": asdict(encoding),
        "horizon": horizon,
        "from_base": from_base,
    }
    learned = learn_in_stages(
        network,
        data=learning_data,
        settings=settings,
        steps=steps,
        min_past=MIN_PAST,
        recent=_recent(horizon),
        checkpoint=checkpoint,
        fingerprint=_fingerprint(panel, described),
        resume=resume,
        on_progress=on_progress,
        stop_signal=stop_signal,
    )
    windows = learning_data.held_out_steps // horizon
    kept = assess(
        panel,
        learned,
        encoding=encoding,
        horizon=horizon,
        windows=windows,
        shape=shape,
        seasons=seasons,
        initial_weights=initial_weights,
    )
    card = ModelCard(
        horizon=horizon,
        quantile_levels=list(QUANTILE_LEVELS),
        data=data,
        read_options=read_options,
        columns={"ids": list(panel.id_columns), "time": panel.time_column},
        calendar=asdict(panel.calendar),
        season=seasons[0] if seasons else None,
        network=shape.as_plain(),
        encoding={"channels": list(CHANNELS), "bases": list(CANDIDATES), **asdict(kept.encoding)},
        calibration=asdict(kept.calibration) if kept.calibration else {},
        scores={name: score.as_plain() for name, score in kept.scores.items()},
        training={
            **asdict(settings),
            "steps": steps,
            "steps_taken": learned.steps_taken,
            "best_step": kept.learned.best_step,
            "held_out_windows": windows,
            "interpolation_weight": round(settings.interpolation_weight(learning_data.horizons), 4),
            "from_base": from_base,
            "series": len(panel),
            "observations": int((~np.isnan(panel.values)).sum()),
            **_describe_ends(panel),
            "fingerprint": _fingerprint(panel, {}),
        },
        seed=settings.seed,
        versions={"forecast": __version__, "torch": torch.__version__, "numpy": np.__version__},
    )
    weights = kept.learned.final
    return TrainedModel(card, export_network(weights, shape=shape), save(weights), kept.scores, kept.calibration)


def _read_base_weights(shape: NetworkShape) -> TensorWeights:
    """Raises UsageError where the base model is of another size."""
    card, _, path = read_base()
    own = card.network
    if (own["cell"], own["layers"], own["hidden"]) != (shape.cell, shape.layers, shape.hidden):
        raise UsageError(
            f"The base model is an {own['cell']} of {own['layers']} layers of {own['hidden']} units. "
            "For another network add --from-scratch."
        )
    return load_file(path)


def _divide(panel: Panel, *, encoding: Encoding, horizon: int, windows: int | None) -> LearningData:
    """Hold the last windows of each series out, and learn from what lies before them."""
    windows = windows or _choose_held_out(panel, horizon=horizon)
    held_out = roll_cutoffs(panel, horizon=horizon, windows=windows, step=horizon, min_past=MIN_PAST)
    training = index_training_windows(panel, held_out=windows * horizon, min_past=MIN_PAST, recent=_recent(horizon))
    if not len(training) or not len(held_out):
        longest = int(panel.lengths.max(initial=0))
        raise DataError(
            f"Too little to learn from: the longest series has {longest} steps, and {MIN_PAST} to look back on, "
            f"one to learn and {windows * horizon} held out make {MIN_PAST + 1 + windows * horizon}. "
            "Give more history, or a shorter --horizon."
        )
    return LearningData(panel, encoding, horizon, training, held_out, windows * horizon)


def _recent(horizon: int) -> int:
    return max(RECENT_HORIZONS * horizon, RECENT_STEPS)


def _choose_held_out(panel: Panel, *, horizon: int) -> int:
    """Windows to hold out of each series: several where series are few and long enough for it."""
    by_count = -(-ENOUGH_HELD_OUT // max(int((panel.lengths > horizon).sum()), 1))
    by_length = int(np.median(panel.lengths[panel.lengths > 0])) // (4 * horizon) if panel.lengths.any() else 1
    return max(1, min(by_count, by_length, MAX_HELD_OUT_WINDOWS))


def _choose_steps(data: LearningData, *, settings: TrainingSettings) -> int:
    """More steps where there is more to learn from, up to the most that pays."""
    per_horizon = settings.steps_per_horizon
    steps = len(data.training) // 4 if per_horizon is None else round(per_horizon * data.horizons)
    return min(max(steps, settings.min_steps), settings.max_steps)


def _describe_ends(panel: Panel) -> dict[str, Any]:
    """The last timestamp of all series, and of those that end earlier, by name."""
    ends = panel.calendar.advance(panel.starts, panel.lengths - 1)
    has_any = panel.lengths > 0
    last = ends[has_any].max()
    earlier = np.flatnonzero(has_any & (ends != last))[:MAX_NAMED_ENDS]
    return {"until": str(last), "earlier_ends": {panel.label(int(number)): str(ends[number]) for number in earlier}}


def _fingerprint(panel: Panel, described: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    for array in (panel.values, panel.offsets, panel.starts):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
