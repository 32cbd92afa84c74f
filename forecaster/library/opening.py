"""Open a model: `load` for a folder, as a Python function, and `find_model` as the commands do."""

from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path

from forecaster.errors import UsageError
from forecaster.forecasting.opening import make_forecaster
from forecaster.library.model import Model
from forecaster.model.base import names_base, read_base
from forecaster.model.folder import CARD_FILE, read_card, read_model, read_network, read_weights
from forecaster.settings import MODEL_FOLDER

__all__ = ["find_model", "load", "open_base_model", "open_model"]


def open_model(model: Model | str | Path | None) -> Model:
    """The model that is given, or the base model, whatever the working directory holds."""
    return model if isinstance(model, Model) else open_base_model() if model is None else load(model)


def load(folder: str | Path) -> Model:
    """Open a model folder, or the base model if `folder` is "base" and no folder of that name
    holds one.

    Raises NotFoundError where there is none, ConfigurationError where it is broken, UsageError for what is no path.

    >>> import forecaster
    >>> forecaster.load("base").card.network.hidden
    96
    """
    if not isinstance(folder, str | PathLike):
        raise UsageError(f"model {folder!r}: not a model. Give the folder of one, or what train or load returned.")
    return find_model(Path(folder), with_weights=True)


def find_model(folder: Path | None, *, with_weights: bool = False) -> Model:
    """The model in `folder`, or in the default folder; the base model if that is named or there is no trained model.

    All parts are of one version, even if a training replaces the model meanwhile; weights are read at once if
    `with_weights`, else when first needed. Raises NotFoundError where a named folder holds no model, ConfigurationError
    where it is broken.
    """
    # the folder of a training that has not ended yet has no card
    if (folder is None and not (Path(MODEL_FOLDER) / CARD_FILE).exists()) or names_base(folder):
        return open_base_model()
    folder = folder or Path(MODEL_FOLDER)
    return read_model(folder, partial(_open_version, folder, with_weights=with_weights))


def open_base_model() -> Model:
    """The base model, which comes with the program."""
    card, network, path = read_base()
    return Model(card, network, path.read_bytes)


def _open_version(folder: Path, *, with_weights: bool) -> Model:
    card = read_card(folder)
    network = read_network(folder, card=card)
    forecaster = make_forecaster(card, network=network, name=str(folder))
    model = Model(card, network, partial(read_weights, folder, card=card), forecaster)
    if with_weights:
        model = replace(model, load_weights=partial(bytes, model.load_weights()))
    return model
