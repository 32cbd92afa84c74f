"""Express columns of categories in those that a model has learned, whichever of them the data have."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from forecaster.data.covariates import Covariates, Wording

__all__ = ["LearnedCategories", "express_categories"]


@dataclass(frozen=True)
class LearnedCategories:
    """The categories of a column that a model knows: all `texts`, and those that are `features`, see `Covariates`."""

    texts: tuple[str, ...]
    features: tuple[str, ...]


def express_categories(covariates: Covariates, learned: Mapping[str, LearnedCategories]) -> Covariates:
    """`covariates` with the features that a model has for the columns of categories in `learned`.

    Other categories get a feature each; where one of them is, those of the model are missing, which counts as average.
    """
    overlap = covariates.overlap
    if overlap is not None:
        of_data = express_categories(replace(covariates, values=overlap.values, overlap=None), learned)
        overlap = replace(overlap, values=of_data.values)
    names, columns, wordings = list[str](), list[str](), dict(covariates.wordings)
    values, is_known = [], []
    for column in covariates.list_columns():
        own = [number for number, name in enumerate(covariates.columns) if name == column]
        found, parts = covariates.values[:, own], [covariates.names[number] for number in own]
        known = learned.get(column)
        if known is not None and column in wordings and not {*known.texts}.isdisjoint(wordings[column].texts):
            texts = wordings[column].texts
            others = [text for text in texts if text not in known.texts]
            # of two categories one feature says all
            shares = np.concatenate([1 - found, found], axis=1) if len(texts) == 2 else found
            found = _express(shares, texts, known=known, others=others)
            parts = [f"{column}={text}" for text in (*known.features, *others)]
            every = (*known.texts, *others)
            features = _express(np.eye(len(every)), every, known=known, others=others)
            wordings[column] = Wording(every, features)
        names += parts
        columns += [column] * len(parts)
        is_known += [covariates.is_known[own[0]]] * len(parts)
        values.append(found)
    return replace(
        covariates,
        names=tuple(names),
        columns=tuple(columns),
        is_known=np.array(is_known, bool),
        values=np.concatenate(values, axis=1),
        wordings=wordings,
        overlap=overlap,
    )


def _express(
    shares: "np.typing.NDArray[np.float64]", texts: tuple[str, ...], *, known: LearnedCategories, others: list[str]
) -> "np.typing.NDArray[np.float64]":
    """The features of steps by the shares [step, text] of the categories in them."""
    blank = np.where(np.isnan(shares).any(axis=1), np.nan, 0.0)
    wanted = (*known.features, *others)
    found = np.stack([shares[:, texts.index(text)] if text in texts else blank for text in wanted], axis=1)
    is_other = (shares[:, [texts.index(text) for text in others]] > 0).any(axis=1)
    found[np.ix_(is_other, np.arange(len(known.features)))] = np.nan
    return found
