"""Fit the covariates of data to what a trained model has learned of them, and say what does not fit."""

from dataclasses import replace

import numpy as np

from forecaster.data.covariate_sources.categories import LearnedCategories, express_categories
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.library.wording import name_series

__all__ = ["fit_covariates"]

UNUSED = "so nothing of what was learned is used"
MOST_NAMED = 3
FAR = 1.0
"""How far outside of their range numbers are far from those of the training, as a fraction of that range."""


def fit_covariates(panel: Panel, pooled: PooledEffects | None) -> tuple[Panel, list[str]]:
    """`panel` with its categories as a model has them that learned `pooled` effects, and lines on what does not fit.

    Raises DataError where a category is only in the future, and the model does not know it.
    """
    covariates = panel.covariates
    if covariates is None:
        return panel, []
    learned, lines = _list_learned(covariates, pooled)
    for (column, text), error in covariates.unshown.items():
        if column not in learned or text not in learned[column].texts:
            raise error
    if learned:
        covariates = express_categories(covariates, learned)
    if pooled is not None:
        lines += _compare_ranges(panel, covariates, pooled)
    return replace(panel, covariates=replace(covariates, unshown={})), lines


def _list_learned(
    covariates: Covariates, pooled: PooledEffects | None
) -> tuple[dict[str, LearnedCategories], list[str]]:
    """The categories that the effects know of each column, and lines on columns that do not fit."""
    learned: dict[str, LearnedCategories] = {}
    lines = list[str]()
    if pooled is None:
        return learned, lines
    for column in dict.fromkeys(
        name for name, known in zip(covariates.columns, covariates.is_known, strict=True) if known
    ):
        features, texts = pooled.list_features(column), pooled.categories.get(column, ())
        if covariates.is_category(column):
            have = covariates.wordings[column].texts
            if column in pooled.names:
                lines.append(f"  {column}: words here ({_quote(have)}) and numbers in training, {UNUSED}")
                continue
            if not features:
                continue
            if not texts and len(features) == 1 and len(have) == 2 and features[0] in have:
                # a model of an older version, which has one of its two categories only
                other = have[1 - have.index(features[0])]
                texts = (*features, other)
                lines.append(
                    f"  {column}: the model does not remember which other category than {features[0]!r} it learned, "
                    f"and {other!r} is taken for it (a new training remembers)"
                )
            learned[column] = LearnedCategories(texts or features, features)
            unknown = tuple(text for text in have if text not in learned[column].texts)
            if unknown:
                it = "it" if len(unknown) == 1 else "them"
                lines.append(
                    f"  {column}: {_quote(unknown)} not seen in training, which had {_quote(learned[column].texts)}, "
                    f"so nothing was learned of {it}"
                )
        elif column not in pooled.names and features:
            lines.append(f"  {column}: numbers here and words in training ({_quote(texts or features)}), {UNUSED}")
    return learned, lines


def _compare_ranges(panel: Panel, covariates: Covariates, pooled: PooledEffects) -> list[str]:
    """Lines on numbers most of which are so far from those of the training that they may be in another unit."""
    lengths, lines = np.diff(covariates.offsets), []
    filled = np.flatnonzero(lengths)
    begins = covariates.offsets[:-1][filled]
    for number, name in enumerate(covariates.names):
        if not len(filled) or covariates.is_category(covariates.columns[number]) or name not in pooled.names:
            continue
        place = pooled.names.index(name)
        values, unit = covariates.values[:, number], pooled.units[place]
        low, high = np.fmin.reduceat(values, begins), np.fmax.reduceat(values, begins)
        if pooled.least is not None and pooled.most is not None:
            least, most = float(pooled.least[place]), float(pooled.most[place])
            room = FAR * (most - least)
            is_out = (values < least - room) | (values > most + room)
            is_far = 2 * np.add.reduceat(is_out, begins) > np.add.reduceat(~np.isnan(values), begins)
            learned = f"{least:g} to {most:g} in training"
        else:
            most = float(unit * (pooled.highest - pooled.lowest)[place])
            is_far = high - low > (1 + 2 * FAR) * most
            learned = f"changes of at most {most:g} in training"
        if is_far.any() and unit > 0:
            span = f"{np.nanmin(low[is_far]):g} to {np.nanmax(high[is_far]):g}"
            lines.append(
                f"  {name}: {span} lies far outside of what the model has seen ({learned}), so its effect does not "
                f"fit. Is it in another unit? {name_series(panel, filled[is_far])}"
            )
    return lines


def _quote(texts: tuple[str, ...]) -> str:
    return ", ".join(map(repr, texts[:MOST_NAMED])) + (" …" if len(texts) > MOST_NAMED else "")
