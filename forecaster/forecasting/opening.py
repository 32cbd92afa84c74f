"""From a model folder, or the base model, to a Forecaster."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.data.calendar import Calendar
from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.encoding.candidates import CANDIDATES
from forecaster.encoding.channels import CHANNELS
from forecaster.encoding.encoding import Encoding
from forecaster.errors import ConfigurationError, DataError
from forecaster.forecasting.calibration import Calibration
from forecaster.forecasting.forecaster import Forecaster
from forecaster.model.base import BASE_FOLDER, read_base
from forecaster.model.folder import ModelCard, read_card, read_model, read_network
from forecaster.model.old_names import rename_old
from forecaster.model.session import NetworkSession
from forecaster.settings import default_context_length, default_horizon

__all__ = ["check_calendar", "open_base", "open_forecaster"]


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
