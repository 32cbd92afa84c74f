"""Series that have ended, such as those of products that are no longer sold: they are not late every night."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.origins import find_origins
from forecaster.library.model import Model
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import PastRun
from forecaster.settings import default_horizon

__all__ = ["find_ended", "find_horizon", "list_excused"]


def find_ended(panel: Panel, *, horizon: int, options: EndOptions) -> NDArray[np.int64]:
    """The numbers of the series that ended more than a horizon before the others, also where these are forecast."""
    ends = replace(options, origin=None) if options.origin == "own" else options
    return find_origins(panel, horizon=horizon, options=ends).ended


def find_horizon(panel: Panel, *, plan: NightPlan, current: Model) -> int:
    """How many steps a run forecasts."""
    horizon = plan.horizon or current.horizon
    return horizon or default_horizon(find_season(panel, periods=find_periods(panel, seasons=plan.seasons)))


def list_excused(
    panel: Panel, *, plan: NightPlan, current: Model, past: PastRun | None, before: Sequence[PastForecast]
) -> frozenset[int]:
    """The numbers of the series that are not late although they are old.

    Those are the series that the last good run, whose record is `past`, knew as ended; and of those that have ended by
    now the ones that it has not forecast, see `before`: in the first run all of them. One that it did forecast has
    stopped since.
    """
    horizon = find_horizon(panel, plan=plan, current=current)
    forecast = {key for one in before for key in one.ids}
    ended = find_ended(panel, horizon=horizon, options=plan.ends)
    fresh = {number for number in ended.tolist() if panel.ids[number] not in forecast}
    known = frozenset(past.series["ended"].series if past is not None and "ended" in past.series else ())
    return frozenset(fresh | {number for number in range(len(panel)) if known and panel.label(number) in known})
