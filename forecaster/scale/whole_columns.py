"""Bring the covariates of each part to those of the whole: the same categories, holidays, and steps to forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from forecaster.data.grids.covariate_grid import settle_overlap
from forecaster.data.panel import Panel
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.library.inputs import Given
from forecaster.library.learned_columns import fit_covariates
from forecaster.scale.shown_columns import ShownColumn, express_like_all

__all__ = ["WholeColumns"]


@dataclass(frozen=True)
class WholeColumns:
    """What all parts together have of covariates.

    columns    of the data
    pooled     effects of them that a model has learned, if any
    steps      how many steps after the end of each series holidays and the calendar are needed for
    occurring  the holidays with an effect of their own, see `add_holidays`
    """

    columns: Mapping[str, ShownColumn] = field(default_factory=dict)
    pooled: PooledEffects | None = None
    steps: int = 0
    occurring: tuple[str, ...] | None = None

    def fit(self, given: Given) -> tuple[Panel, list[str]]:
        """The panel of a part with the covariates of the whole, and lines on what does not fit what was learned.

        Raises DataError for a category that only the future has, and where a future does not agree with the data.
        """
        panel, unfit = fit_covariates(express_like_all(given.panel, self.columns), self.pooled)
        panel, overlapping = settle_overlap(panel)
        dated = replace(given, panel=panel, occurring=self.occurring)
        return dated.look_ahead(self.steps), unfit + overlapping
