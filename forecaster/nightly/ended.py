"""Series that have ended, such as those of products that are no longer sold: they are not late every night."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.origins import find_origins
from forecaster.nightly.past_forecasts import PastForecast

__all__ = ["find_ended", "list_excused"]


def find_ended(panel: Panel, *, horizon: int, options: EndOptions) -> NDArray[np.int64]:
    """The numbers of the series that ended more than a horizon before the others, also where these are forecast."""
    ends = replace(options, origin=None) if options.origin == "own" else options
    return find_origins(panel, horizon=horizon, options=ends).ended


def list_excused(
    panel: Panel, ended: NDArray[np.int64], *, known: frozenset[str], before: Sequence[PastForecast]
) -> frozenset[int]:
    """The numbers of the series that are not late although they are old.

    Those are the series that the last good run knew as ended, by their names in `known`, and of those that have `ended`
    by now the ones that it has not forecast: in the first run all of them. One that it did forecast has stopped since.
    """
    forecast = {key for past in before for key in past.ids}
    fresh = {number for number in ended.tolist() if panel.ids[number] not in forecast}
    return frozenset(fresh | {number for number in range(len(panel)) if known and panel.label(number) in known})
