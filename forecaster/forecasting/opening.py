"""Open a model folder, or the base model, as a Forecaster."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.encoding.correction import Correction
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.encoding.shared_year import SharedYear
from forecaster.errors import ConfigurationError, DataError, UsageError
from forecaster.forecasting.forecaster import Forecaster
from forecaster.model.base import read_base
from forecaster.model.card import BaseEncodingCard, ModelCard
from forecaster.model.folder import read_card, read_model, read_network
from forecaster.model.network import find_mistake
from forecaster.model.session import NetworkSession
from forecaster.settings import default_context_length, default_horizon

__all__ = ["adapt_to", "check_calendar", "check_learned_seasons", "make_forecaster", "open_base", "open_forecaster"]


def open_forecaster(folder: Path) -> tuple[Forecaster, ModelCard]:
    """Open a model folder.

    Raises NotFoundError where there is none, ConfigurationError where it is broken or made by another program.
    """
    return read_model(folder, partial(_open_version, folder))


def _open_version(folder: Path) -> tuple[Forecaster, ModelCard]:
    card = read_card(folder)
    return make_forecaster(card, network=read_network(folder, card=card), name=str(folder)), card


def make_forecaster(card: ModelCard, *, network: bytes, name: str) -> Forecaster:
    """The Forecaster of a trained model.

    Raises ConfigurationError with the `name` of the model where it is broken or made by another program.
    """
    _check_encoding(card.encoding, name=name)
    mistake = find_mistake(
        network,
        shape=card.network,
        channels=len(card.encoding.channels),
        candidates=len(card.encoding.candidates),
        quantiles=len(card.quantile_levels),
    )
    if mistake is not None:
        raise ConfigurationError(f"{name}: network.onnx is broken: {mistake}. Train again, or copy the folder again.")
    try:
        pooled = None if card.pooled is None else PooledEffects.from_card(card.pooled)
        year = card.shared_year
        shared_year = None if year is None else SharedYear.from_card(year, calendar=card.calendar)
        learned = card.correction
        correction = (
            None
            if learned is None
            else (Correction.from_card(learned, periods=card.encoding.periods, levels=card.quantile_levels))
        )
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}. Train again.") from error
    return Forecaster(
        NetworkSession(network).run,
        encoding=Encoding(
            card.encoding.context_length,
            card.encoding.periods,
            card.encoding.channels,
            card.encoding.candidates,
            pooled,
            shared_year,
            {name: tuple(values) for name, values in (card.zero_at or {}).items()},
            has_roots=bool(card.roots),
            has_climatology=bool(card.climatology),
            has_days=bool(card.days),
            has_own_seasons=bool(card.own_seasons),
            has_smooth_growth=bool(card.smooth_growth),
            has_steady_cycles=bool(card.steady_cycles),
            has_waves=bool(card.waves),
            running_totals=None if card.running_totals else False,
        ),
        levels=card.quantile_levels,
        horizon=card.horizon,
        calibration=card.calibration,
        calibration_of_totals=card.calibration_of_totals,
        correction=correction,
    )


def open_base(panel: Panel, *, seasons: tuple[int, ...] = (), pooled: PooledEffects | None = None) -> Forecaster:
    """The base model that comes with the program, with the encoding that fits `panel`, and any `pooled` effects.

    `seasons` are those that the user named, see `find_periods`. Raises ConfigurationError where the installation is
    broken.
    """
    card, network, _ = read_base()
    _check_encoding(card.encoding, name="The base model")
    periods = find_periods(panel, seasons=seasons)
    encoding = Encoding(
        default_context_length(periods[0]),
        periods,
        card.encoding.channels,
        card.encoding.candidates,
        pooled,
        has_own_seasons=not seasons,
        running_totals=panel.running_totals,
    )
    horizon = default_horizon(find_season(panel, periods=periods))
    return Forecaster(NetworkSession(network).run, encoding=encoding, levels=card.quantile_levels, horizon=horizon)


def _check_encoding(encoding: BaseEncodingCard, *, name: str) -> None:
    if not ({*encoding.channels} <= {*CHANNELS} and {*encoding.candidates} <= {*CANDIDATES}):
        raise ConfigurationError(f"{name}: the model was made by another version of forecast. Train again.")


def adapt_to(panel: Panel, forecaster: Forecaster, *, seasons: tuple[int, ...]) -> Forecaster:
    """`forecaster`, of a trained model, with what was said of `panel` instead of what is found in each series."""
    encoding = forecaster.encoding
    if panel.running_totals is not None:
        encoding = replace(encoding, running_totals=panel.running_totals)
    if seasons:
        encoding = replace(encoding, has_own_seasons=False)
    return replace(forecaster, encoding=encoding)


def check_learned_seasons(seasons: tuple[int, ...], *, learned: tuple[int, ...]) -> None:
    """Raise UsageError where `seasons` are not those that a model learned."""
    # naming the same ones again is allowed: forecast.toml may set them for all commands
    if seasons and seasons != learned[: len(seasons)]:
        raise UsageError(
            f"--season {','.join(map(str, seasons))}: the model learned a season of "
            f"{' and '.join(map(str, learned))}. Leave it out, or train with it."
        )


def check_calendar(panel: Panel, *, card: ModelCard, name: str) -> None:
    """Raise DataError when the time step of the data differs from the one that the model was trained on."""
    learned, given = card.calendar, panel.calendar
    if (learned.unit, learned.multiple, learned.open_runs) != (given.unit, given.multiple, given.open_runs):
        # gaps may make a step look longer than it is; no flag makes steps longer
        is_multiple = learned.unit == given.unit != "integer" and not given.multiple % learned.multiple
        remedy = ", or name the frequency with --freq" if is_multiple else ""
        if learned.open_runs and not given.open_runs:
            remedy = ", or give more weeks of it, so that what is closed can be found"
        raise DataError(
            f"{name}: its steps are {given.name}, but the model learned {learned.name} ones. "
            f"Train a model on this data, or use the base model (--model base, or inspect base){remedy}."
        )
