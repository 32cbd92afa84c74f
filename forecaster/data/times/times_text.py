"""The parsed timestamps of a file, whichever way they were written."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import TimeStyle

__all__ = ["TimesText"]


@dataclass(frozen=True)
class TimesText:
    """Distinct timestamps of a file, parsed.

    wall    [text]  wall-clock time, datetime64[us] or int64, NaT where the text was unreadable; times in UTC are
                    converted to the zone that the user named, if any
    instant [text]  the same moments in UTC, NaT where this text has no offset but others do; equal to `wall` where
                    none has

    `notes` say how texts were read that could be read in another way.
    """

    wall: NDArray[Any]
    instant: NDArray[Any]
    style: TimeStyle
    notes: tuple[str, ...] = ()

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """Which texts are missing or not a timestamp, [text]."""
        return np.isnat(self.wall) if self.wall.dtype.kind == "M" else np.zeros(len(self.wall), bool)
