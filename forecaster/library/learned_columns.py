"""Fit the covariates of data to what a trained model has learned of them, and say what does not fit."""

from dataclasses import replace

from forecaster.data.categories import LearnedCategories, express_categories
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.encoding.pooled_effects import PooledEffects

__all__ = ["fit_covariates"]

MOST_NAMED = 3


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


UNUSED = "so nothing of what was learned is used"


def _quote(texts: tuple[str, ...]) -> str:
    return ", ".join(map(repr, texts[:MOST_NAMED])) + (" …" if len(texts) > MOST_NAMED else "")
