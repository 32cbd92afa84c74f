"""Open a model: `load` for a folder, as a Python function."""

from os import PathLike
from pathlib import Path

from forecaster.errors import UsageError
from forecaster.library.model import Model, find_model, open_base_model

__all__ = ["load", "open_model"]


def open_model(model: Model | str | Path | None) -> Model:
    """The model that is given, or the base model, whatever the working directory holds."""
    return model if isinstance(model, Model) else open_base_model() if model is None else load(model)


def load(folder: str | Path) -> Model:
    """Open a model folder, or the base model if `folder` is "base" and no folder has that name.

    Raises NotFoundError where there is none, ConfigurationError where it is broken, UsageError for what is no path.

    >>> import forecaster
    >>> forecaster.load("base").card.network.hidden
    96
    """
    if not isinstance(folder, str | PathLike):
        raise UsageError(f"model {folder!r}: not a model. Give the folder of one, or what train or load returned.")
    return find_model(Path(folder), with_weights=True)
