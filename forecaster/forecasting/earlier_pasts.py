"""What earlier cutoffs of series are forecast from: their newest steps, and statistics of their whole pasts."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import find_offsets
from forecaster.cutoffs import WindowIndex
from forecaster.data.attributes import concatenate_attributes
from forecaster.data.covariates import concatenate_covariates
from forecaster.data.panel import Panel
from forecaster.windows import History, count_changes, describe_history, keep_newest

__all__ = ["EarlierPasts"]


@dataclass(frozen=True)
class EarlierPasts:
    """Series without their oldest steps, and what is known of their whole pasts at their newest cutoffs.

    panel             their newest steps
    horizon           steps between two cutoffs, and from the newest one to the end of a series
    history, changes  [series, cutoff]  of the whole past before each cutoff, the newest first: see `describe_history`
                                        and `count_changes`; 0 where there is no past
    """

    panel: Panel
    horizon: int
    history: History
    changes: NDArray[np.int64]

    @classmethod
    def of(cls, panel: Panel, *, horizon: int, cutoffs: int, steps: int) -> "EarlierPasts":
        """Those of the newest so many `cutoffs` of each series of `panel`, with its newest `steps`."""
        ends = panel.lengths[:, None] - horizon * np.arange(1, cutoffs + 1)
        series, number = np.nonzero(ends > 0)
        index = WindowIndex(series, ends[series, number])

        def spread(found: NDArray[Any]) -> NDArray[Any]:
            every = np.zeros(ends.shape, found.dtype)
            every[series, number] = found
            return every

        described = describe_history(panel, index)
        history = History(**{field.name: spread(getattr(described, field.name)) for field in fields(History)})
        changes = spread(count_changes(panel, index))
        return cls(keep_newest(panel, steps=steps), horizon, history, changes)

    @classmethod
    def join(cls, parts: Sequence["EarlierPasts"]) -> "EarlierPasts":
        """The series of several, one after the other; all have the same covariates."""
        if len(parts) == 1:
            return parts[0]
        first, panels = parts[0], [part.panel for part in parts]
        covariates = [panel.covariates for panel in panels if panel.covariates is not None]
        attributes = [panel.attributes for panel in panels if panel.attributes is not None]
        panel = replace(
            first.panel,
            values=np.concatenate([panel.values for panel in panels]),
            offsets=find_offsets(np.concatenate([panel.lengths for panel in panels])),
            starts=np.concatenate([panel.starts for panel in panels]),
            ids=[*chain.from_iterable(panel.ids for panel in panels)],
            covariates=concatenate_covariates(covariates) if covariates else None,
            attributes=concatenate_attributes(attributes) if attributes else None,
        )
        history = History.join([part.history for part in parts])
        return replace(first, panel=panel, history=history, changes=np.concatenate([part.changes for part in parts]))

    def __len__(self) -> int:
        return len(self.panel)

    def take(self, series: NDArray[np.int64]) -> "EarlierPasts":
        """Those of these series only."""
        return replace(self, panel=self.panel.take(series), history=self.history[series], changes=self.changes[series])

    def look_up(self, index: WindowIndex) -> tuple[History, NDArray[np.int64]]:
        """The statistics and the changes of the whole past of each window, all of which are at the cutoffs."""
        back = self.panel.lengths[index.series] - index.cutoffs
        places = index.series, back // self.horizon - 1
        return self.history[places], self.changes[places]
