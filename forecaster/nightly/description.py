"""What the record of a run says about its input and its series."""

from collections.abc import Sequence

from forecaster.data.panel import Panel, join_ids
from forecaster.data.times.dates import format_times
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.forecast import Forecast
from forecaster.library.inputs import Given
from forecaster.nightly.ages import Ages
from forecaster.nightly.basis import Basis
from forecaster.nightly.ended import find_ended
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.record import MAX_NAMED, InputRecord, Named, name_series
from forecaster.nightly.sources import Snapshot

__all__ = ["describe_input", "describe_series", "goes_back"]


def describe_input(
    given: Given, snapshot: Snapshot, *, ages: Ages | None, names: tuple[str, ...], basis: Basis
) -> InputRecord:
    """The files, and what was in them; `ages` are those of the series, None where steps are numbers."""
    panel, cutoff = given.panel, None
    if ages is not None:
        newest = panel.timestamps_of(int(ages.number[ages.last.argmin()]), back=1, ahead=0)
        cutoff = str(format_times(newest, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)[0])
    return InputRecord(
        names or given.locations,
        snapshot.describe(),
        snapshot.sha256,
        given.summary.rows // len(given.summary.columns.targets),
        len(panel),
        cutoff,
        None if ages is None else round(ages.newest, 1),
        basis,
    )


def describe_series(
    panel: Panel, forecast: Forecast, *, before: Sequence[PastForecast], ends: EndOptions
) -> dict[str, Named]:
    """How many series were forecast, and those of each kind; `before` is the last good run, if there was one.

    Those that have ended may be forecast, too, where `ends` says so.
    """
    series, origins = forecast.index.series, forecast.origins
    horizon = forecast.quantiles.shape[1]
    earlier = list(dict.fromkeys(key for past in before for key in past.ids))
    known, now = set(earlier), set(panel.ids)
    gone = [join_ids(key) for key in earlier if key not in now]
    fresh = [number for number in range(len(panel)) if panel.ids[number] not in known] if before else []
    ended = tuple(panel.label(int(number)) for number in find_ended(panel, horizon=horizon, options=ends))
    return {
        "forecast": Named(len(forecast.index)),
        "failed": name_series(panel, forecast.failed),
        "constant": name_series(panel, series[forecast.is_constant]),
        "short": name_series(panel, series[forecast.is_short]),
        "behind": name_series(panel, [] if origins is None else origins.behind),
        "ended": Named(len(ended), ended),  # all of them, as the next run does not count them as late
        "new": name_series(panel, fresh),
        "missing": Named(len(gone), tuple(gone[:MAX_NAMED])),
    }


def goes_back(panel: Panel, forecast: Forecast, *, before: PastForecast) -> bool:
    """Whether all forecasts begin before the latest ones of an earlier run: the data are older than they were."""
    index, _ = before.place(panel)
    if not len(index) or not len(forecast.index):
        return False
    earlier = panel.calendar.advance(panel.starts[index.series], index.cutoffs)
    now = panel.calendar.advance(panel.starts[forecast.index.series], forecast.first_steps)
    return bool(now.max() < earlier.max())
