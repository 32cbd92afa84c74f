"""Forecasts from a model folder, on ONNX Runtime alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import Calendar
from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.encoding.candidates import CANDIDATES
from forecaster.encoding.channels import CHANNELS
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.errors import ConfigurationError, DataError, UsageError
from forecaster.forecasting.calibration import Calibration, calibrate
from forecaster.model.base import BASE_FOLDER, read_base
from forecaster.model.folder import ModelCard, read_card, read_model, read_network
from forecaster.model.old_names import rename_old
from forecaster.model.session import NetworkSession
from forecaster.settings import default_context_length, default_horizon
from forecaster.windows import WindowIndex, Windows, describe_history, end_of_history, iterate_windows

__all__ = ["Bounds", "Forecast", "Forecaster", "check_calendar", "interpolate_levels", "open_base", "open_forecaster"]

BATCH_STEPS = 100_000
"""Steps of past and horizon in one batch: what bounds the memory."""
SHORT_HISTORY = 3


@dataclass(frozen=True)
class Bounds:
    """What no forecast may go below or above; None for no bound.

    Without a `lowest`, a series that was never negative stays so, unless `allow_negative`.
    """

    lowest: float | None = None
    highest: float | None = None
    allow_negative: bool = False

    def __post_init__(self) -> None:
        for flag, bound in (("--min", self.lowest), ("--max", self.highest)):
            if bound is not None and not np.isfinite(bound):
                raise UsageError(f"{flag} {bound:g}: not a bound. Leave it out where there is none.")
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise UsageError(f"--min {self.lowest:g} is above --max {self.highest:g}.")

    def apply(self, quantiles: NDArray[np.float64], *, lowest_seen: NDArray[np.float64]) -> int:
        """Move `quantiles` [window, horizon, level] into the bounds, in place; at how many steps any was moved.

        `lowest_seen` [window] is the lowest value in the past of each window.
        """
        lowest = np.full(len(lowest_seen), -np.inf if self.lowest is None else self.lowest)
        highest = np.inf if self.highest is None else self.highest
        if self.lowest is None and not self.allow_negative:
            lowest[(lowest_seen >= 0) & np.isfinite(lowest_seen)] = min(0.0, highest)
        outside = (quantiles < lowest[:, None, None]) | (quantiles > highest)
        np.clip(quantiles, lowest[:, None, None], highest, out=quantiles)
        return int(outside.any(axis=2).sum())


@dataclass(frozen=True)
class Forecast:
    """Quantiles in data units after each cutoff, with what the user should know of them.

    quantiles [window, horizon, level] at `levels`; NaN intervals where one value is all the history
    is_constant, is_short [window] flag histories that never change or hold fewer than three values
    failed     [series] numbers of those that cannot be forecast: no value at all
    clipped    how many steps have a forecast or an interval end that was moved to a bound
    """

    index: WindowIndex
    quantiles: NDArray[np.float64]
    levels: tuple[float, ...]
    is_constant: NDArray[np.bool_]
    is_short: NDArray[np.bool_]
    failed: NDArray[np.int64]
    clipped: int

    @property
    def median(self) -> NDArray[np.float64]:
        """The forecast itself, [window, horizon]."""
        return self.quantiles[:, :, self.levels.index(0.5)]


class Forecaster:
    """A network with its encoding and calibration: windows in, quantiles in data units out."""

    def __init__(
        self,
        run: Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]],
        *,
        encoding: Encoding,
        levels: tuple[float, ...],
        horizon: int,
        calibration: Calibration | None = None,
    ) -> None:
        self.run, self.encoding, self.levels, self.horizon = run, encoding, levels, horizon
        self.calibration = calibration

    def forecast(
        self,
        panel: Panel,
        *,
        index: WindowIndex | None = None,
        horizon: int | None = None,
        bounds: Bounds | None = None,
    ) -> Forecast:
        """Forecast `horizon` steps after each cutoff of `index` (default: the end of every series)."""
        horizon, bounds = horizon or self.horizon, bounds or Bounds()
        index = end_of_history(panel) if index is None else index
        quantiles = np.empty((len(index), horizon, len(self.levels)))
        history = describe_history(panel, index)
        past_length = self.encoding.reach_into(int(index.cutoffs.max(initial=0)))
        time = past_length + horizon
        batches = iterate_windows(
            panel,
            index=index,
            past_length=past_length,
            batch_size=max(1, BATCH_STEPS // time),
        )
        for chosen, windows in batches:
            quantiles[chosen] = self.forecast_windows(
                windows, last=history.last[chosen], mean_change=history.mean_change[chosen], horizon=horizon
            )
        # one value tells nothing of how much a series moves
        is_interval = np.asarray(self.levels) != 0.5
        quantiles[(history.observed < 2)[:, None, None] & np.broadcast_to(is_interval, quantiles.shape)] = np.nan
        clipped = bounds.apply(quantiles, lowest_seen=history.lowest)
        failed = np.setdiff1d(np.arange(len(panel)), index.series[history.observed > 0])
        return Forecast(
            index,
            quantiles,
            self.levels,
            (history.lowest == history.highest) & (history.observed > 1),
            history.observed < SHORT_HISTORY,
            failed,
            clipped,
        )

    def forecast_windows(
        self, windows: Windows, *, last: NDArray[np.float64], mean_change: NDArray[np.float64], horizon: int
    ) -> NDArray[np.float64]:
        """Calibrated quantiles in data units before any bound, [window, horizon, level].

        `last` and `mean_change` [window] are those of `History`: a past that does not move, or shows nothing, may
        have moved before the network's reach.
        """
        encoded = encode(windows.past, windows.lengths, encoding=self.encoding, horizon=horizon)
        in_units = self.run(encoded.inputs, encoded.candidates).astype(np.float64)
        if self.calibration is not None:
            in_units = calibrate(in_units, calibration=self.calibration)
        is_still = encoded.scales.noise_scale == 0
        is_blank = np.isnan(windows.past).all(axis=1)
        unit = np.where(is_still, mean_change, encoded.scales.noise_scale)
        level = np.where(is_blank, last, encoded.scales.level)
        return np.asarray(level[:, None, None] + unit[:, None, None] * in_units)


def open_forecaster(folder: Path) -> tuple[Forecaster, ModelCard]:
    """Open a model folder.

    Raises NotFoundError where there is none, ConfigurationError where it is broken or of another program.
    """
    return read_model(folder, partial(_open_version, folder))


def _open_version(folder: Path) -> tuple[Forecaster, ModelCard]:
    card = read_card(folder)
    try:
        _check_encoding(card.encoding, folder=folder)
        encoding = Encoding(int(card.encoding["context_length"]), tuple(map(int, card.encoding["periods"])))
        calibration = Calibration(**card.calibration) if card.calibration else None
        levels = tuple(map(float, card.quantile_levels))
        if list(levels) != sorted(set(levels)) or levels[len(levels) // 2 :][:1] != (0.5,) or len(levels) % 2 == 0:
            raise ValueError("no median in the middle of the quantile levels")
        if calibration is not None:
            factors = np.asarray(calibration.factors, float)
            if factors.shape != (len(calibration.edges), len(levels) // 2) or calibration.edges[:1] != [0]:
                raise ValueError("calibration of another size")
        Calendar(**card.calendar)
        if not 1 <= len(encoding.periods) <= 2 or min(*encoding.periods, encoding.context_length, card.horizon) < 1:
            raise ValueError("a size below 1")
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{folder}: model.json is broken ({error}). Train again, or copy the folder anew."
        ) from error
    session = NetworkSession(read_network(folder, card=card))
    forecaster = Forecaster(
        session.run,
        encoding=encoding,
        levels=levels,
        horizon=card.horizon,
        calibration=calibration,
    )
    return forecaster, card


def open_base(panel: Panel, *, seasons: tuple[int, ...] = ()) -> Forecaster:
    """The base model that comes with the program, for series as those of `panel`.

    `seasons` are those that the user named, see `find_periods`. Raises ConfigurationError where the installation is
    broken.
    """
    card, network, _ = read_base()
    _check_encoding(card.encoding, folder=BASE_FOLDER)
    periods = find_periods(panel, seasons=seasons)
    encoding = Encoding(default_context_length(periods[0]), periods)
    horizon = default_horizon(find_season(panel, periods=periods))
    return Forecaster(
        NetworkSession(network).run, encoding=encoding, levels=tuple(card.quantile_levels), horizon=horizon
    )


def _check_encoding(encoding: dict[str, Any], *, folder: Path) -> None:
    if rename_old(encoding["channels"]) != CHANNELS or rename_old(encoding["bases"]) != CANDIDATES:
        raise ConfigurationError(f"{folder}: the model was made by another version of forecast. Train again.")


def check_calendar(panel: Panel, *, card: ModelCard, name: str) -> None:
    """Raise DataError when the data's steps are not those that the model learned on."""
    learned = Calendar(**card.calendar)
    if (learned.unit, learned.multiple) != (panel.calendar.unit, panel.calendar.multiple):
        raise DataError(
            f"{name}: its steps are {panel.calendar.name}, but the model learned {learned.name} ones. "
            "Train a model on this data, or name the frequency with --freq."
        )


def interpolate_levels(
    quantiles: NDArray[np.float64], *, levels: tuple[float, ...], wanted: list[float]
) -> NDArray[np.float64]:
    """Quantiles at `wanted` levels, straight lines between neighbouring `levels`: [..., len(wanted)].

    Raises UsageError for a level outside of what the network knows.
    """
    for level in wanted:
        if not levels[0] - 1e-9 <= level <= levels[-1] + 1e-9:
            raise UsageError(
                f"Quantile {level:g} is outside of what the model knows, {levels[0]:g} to {levels[-1]:g}: "
                f"intervals of up to {100 * (levels[-1] - levels[0]):g} %."
            )
    columns = []
    for level in wanted:
        above = min(max(int(np.searchsorted(levels, level - 1e-9)), 1), len(levels) - 1)
        share = (level - levels[above - 1]) / (levels[above] - levels[above - 1])
        share = float(np.clip(np.round(share, 9), 0, 1))
        # exact at the network's own levels, where rounding must not creep in
        if share in (0.0, 1.0):
            columns.append(quantiles[..., above if share else above - 1])
        else:
            columns.append((1 - share) * quantiles[..., above - 1] + share * quantiles[..., above])
    return np.stack(columns, axis=-1)
