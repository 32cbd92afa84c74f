"""Collect the guides of the parts of an input: the series whose earlier cutoffs calibrate the forecasts of all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from forecaster.arrays import find_offsets
from forecaster.data.panel import Panel
from forecaster.forecasting.earlier_pasts import EarlierPasts
from forecaster.forecasting.self_calibration import choose_guides
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.scale.shown_columns import ShownColumn, express_like_all
from forecaster.scale.survey import stretch

__all__ = ["Guides"]

MOST_GUIDES, MOST_VALUES = 5000, 3_000_000


@dataclass
class Guides:
    """The guides of the parts so far. Those that do not matter are left out on the way: they may be more than a part.

    `longest` is the number of steps of the longest series so far.
    """

    model: Model
    seasons: tuple[int, ...]
    longest: int = 0
    parts: list[EarlierPasts] = field(default_factory=list)

    def add(self, guides: EarlierPasts, *, longest: int) -> None:
        """Those of one more part, whose longest series has `longest` steps."""
        self.longest = max(self.longest, longest)
        self.parts.append(guides)
        many = sum(map(len, self.parts)) > MOST_GUIDES
        if many or sum(_count_values(part.panel) for part in self.parts) > MOST_VALUES:
            self._choose_again()

    def join(self, columns: Mapping[str, ShownColumn]) -> EarlierPasts:
        """Those of all parts together, with the covariates that the whole has as `columns`."""
        if len(self.parts) > 1:
            self._choose_again()  # covariates are added to each of them
        return EarlierPasts.join([replace(part, panel=express_like_all(part.panel, columns)) for part in self.parts])

    def _choose_again(self) -> None:
        """Keep those that are guides of all series so far; which these are, names and lengths tell."""
        panels = [part.panel for part in self.parts]
        skeleton = _join_skeletons(panels)
        given = Given(stretch(skeleton, longest=self.longest), "the data", (), None)  # type: ignore[arg-type]  # its panel
        forecaster = self.model.prepare(given, seasons=self.seasons)
        is_chosen = np.zeros(len(skeleton), bool)
        is_chosen[choose_guides(skeleton, forecaster, longest=self.longest)] = True
        edges = np.cumsum([len(panel) for panel in panels])[:-1]
        chosen = [np.flatnonzero(one) for one in np.split(is_chosen, edges)]
        self.parts = [
            part if len(kept) == len(part) else part.take(kept)
            for part, kept in zip(self.parts, chosen, strict=True)
            if len(kept)
        ]


def _count_values(panel: Panel) -> int:
    """The numbers in a panel, those of its covariates, too."""
    return len(panel.values) + (0 if panel.covariates is None else panel.covariates.values.size)


def _join_skeletons(panels: list[Panel]) -> Panel:
    """The series of all `panels` without values."""
    offsets = find_offsets(np.concatenate([panel.lengths for panel in panels]))
    starts = np.concatenate([panel.starts for panel in panels])
    values = np.broadcast_to(np.float64(np.nan), (int(offsets[-1]),))
    ids = [key for panel in panels for key in panel.ids]
    own = replace(panels[0], covariates=None, attributes=None)
    return replace(own, values=values, offsets=offsets, starts=starts, ids=ids)
