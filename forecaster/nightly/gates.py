"""Check the conditions that a run must meet, each with what was measured and the worst offenders."""

import math

import numpy as np

from forecaster.data.panel import Panel, join_ids
from forecaster.data.times.dates import format_times
from forecaster.errors import GateError, UsageError
from forecaster.forecasting.forecast import Forecast
from forecaster.nightly.ages import Ages
from forecaster.nightly.change import measure_changes
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.record import GateResult, RunRecord, UncheckedGate
from forecaster.nightly.rules import Gates

__all__ = [
    "check_basis",
    "check_data",
    "check_forecast",
    "check_series",
    "check_skill",
    "list_unchecked",
    "require_gates",
]

MOST_NAMED = 5
HOUR = 3600
MOST_DIGITS = 4
MOST_CHANGE = 1e9
"""What stands in the record for a change from zero, as JSON has no infinity."""


def check_data(
    panel: Panel, *, rows: int, ages: Ages | None, gates: Gates, excused: frozenset[int]
) -> list[GateResult]:
    """The gates on the data alone: rows with a value, and ages; the series `excused` are not late, as they have ended.

    Raises UsageError where ages are asked for and steps have no times.
    """
    results = []
    if gates.min_rows is not None:
        results.append(
            _judge(
                "min-rows",
                rows >= gates.min_rows,
                gates.min_rows,
                rows,
                f"{rows:,} rows with a value, fewer than --min-rows {gates.min_rows:,}",
            )
        )
    if gates.age_seconds is not None:
        if ages is None:
            raise UsageError("--max-age needs timestamps, and the steps of these data are numbers. Leave it out.")
        age = _describe_age(ages.newest, limit=gates.age_seconds)
        results.append(
            _judge(
                "max-age",
                ages.newest <= gates.age_seconds,
                gates.age_seconds,
                ages.newest,
                f"the newest value is {age} old ({_show_newest(panel, ages)}), older than --max-age {gates.max_age}",
            )
        )
        if gates.late_share is not None:
            results.append(_check_late(panel, ages=ages, gates=gates, excused=excused))
    return results


def check_basis(difference: str, *, gates: Gates) -> list[GateResult]:
    """The gates that compare with the last good run, where that cannot be done: neither can be met.

    `difference` says why, such as what else it forecast; with an empty one there is nothing to report.
    """
    limits = {"max-missing-series": gates.missing_share, "max-change": gates.change_share}
    asked = {name: limit for name, limit in limits.items() if difference and limit is not None}
    flags = " and ".join(f"--{name}" for name in asked)
    compare, out = ("compares", "it") if len(asked) == 1 else ("compare", "them")
    message = (
        f"{flags} {compare} with the last good run, which {difference}. Leave {out} out for one run if that is right, "
        "and the next ones are compared with it, or name another folder with --runs"
    )
    return [_judge(name, False, limit, None, message) for name, limit in asked.items()]


def check_series(panel: Panel, *, before: PastForecast | None, gates: Gates) -> list[GateResult]:
    """The gate on series of the last good run that are gone; before the first one there is none to miss."""
    if gates.missing_share is None:
        return []
    if before is None:
        return [_judge("max-missing-series", True, gates.missing_share, None, "")]
    now = set(panel.ids)
    gone = [key for key in dict.fromkeys(before.ids) if key not in now]
    share = len(gone) / max(len(set(before.ids)), 1)
    return [
        _judge(
            "max-missing-series",
            share <= gates.missing_share,
            gates.missing_share,
            share,
            f"{len(gone):,} series of the last run {'is' if len(gone) == 1 else 'are'} gone ({share:.1%}), more than "
            "--max-missing-series "
            f"{gates.max_missing_series}",
            [join_ids(key) for key in gone],
        )
    ]


def check_forecast(
    panel: Panel, forecast: Forecast, *, before: PastForecast | None, gates: Gates, name: str = "the last run"
) -> list[GateResult]:
    """The gates on the forecasts: series that cannot be forecast, and changes since a good run, called `name`."""
    results = []
    if gates.failed_share is not None:
        share = len(forecast.failed) / max(len(panel), 1)
        results.append(
            _judge(
                "max-failed",
                share <= gates.failed_share,
                gates.failed_share,
                share,
                f"{len(forecast.failed):,} of {len(panel):,} series cannot be forecast ({share:.1%}), more than "
                f"--max-failed {gates.max_failed}",
                [panel.label(int(number)) for number in forecast.failed],
            )
        )
    if gates.change_share is not None:
        results.append(
            _judge("max-change", True, gates.change_share, None, "")
            if before is None
            else _check_change(panel, forecast, before=before, gates=gates, name=name)
        )
    return results


def check_skill(skill: float | None, *, gates: Gates) -> list[GateResult]:
    """The gate on the held-out errors compared with those of the best baseline; None is never enough."""
    least = gates.least_skill
    if least is None:
        return []
    # rounded down, as it is too low
    shown = "cannot be measured" if skill is None else f"is {math.floor(1000 * skill) / 1000:.1%}"
    message = f"the skill on held-out windows {shown}, --require-skill asks for {100 * least:g}%"
    return [_judge("require-skill", skill is not None and skill >= least, least, skill, message)]


def list_unchecked(record: RunRecord, *, gates: Gates) -> list[UncheckedGate]:
    """The gates asked for that a run did not come to, by its `record`, which has its status already."""
    checked = {result.gate for result in record.gates}
    failed = [f"--{result.gate}" for result in record.gates if not result.passed]
    reason = (
        f"the run ended at {' and '.join(failed)}"
        if failed
        else f"nothing is new since run {record.previous_run}, which met it"
        if record.status == "unchanged"
        else f"the run {'was interrupted' if record.status == 'interrupted' else 'failed'} before"
    )
    return [UncheckedGate(name, limit, reason) for name, limit in gates.limits.items() if name not in checked]


def require_gates(results: list[GateResult], *, has_good: bool) -> None:
    """Raise GateError for all gates that are not met, in one message; `has_good` is whether any run has been good."""
    failed = [result for result in results if not result.passed]
    if failed:
        # some have one message for several gates
        said = "; ".join(dict.fromkeys(result.message for result in failed))
        rest = "The last good forecast stays in place." if has_good else "There is no good forecast yet."
        raise GateError(f"{said}. {rest}")


def _judge(
    gate: str, passed: bool, limit: float, value: float | None, message: str, offenders: list[str] | None = None
) -> GateResult:
    named = (offenders or [])[:MOST_NAMED]
    more = len(offenders or []) - len(named)
    listed = f": {'; '.join(named)}{' …' if more > 0 else ''}" if named else ""
    return GateResult(gate, bool(passed), float(limit), value, "" if passed else message + listed, tuple(named))


def _check_late(panel: Panel, *, ages: Ages, gates: Gates, excused: frozenset[int]) -> GateResult:
    counts = np.array([number not in excused for number in ages.number.tolist()], bool)
    assert gates.age_seconds is not None
    assert gates.late_share is not None
    is_late = (ages.seconds > gates.age_seconds) & counts
    share = float(is_late.sum() / max(counts.sum(), 1))
    limit = gates.age_seconds
    worst = np.flatnonzero(is_late)[np.argsort(-ages.seconds[is_late], kind="stable")]
    return _judge(
        "max-late",
        share <= gates.late_share,
        gates.late_share,
        share,
        f"{int(is_late.sum()):,} of {int(counts.sum()):,} series {'is' if len(worst) == 1 else 'are'} older than "
        f"--max-age {gates.max_age} "
        f"({share:.1%}), more than --max-late {gates.max_late}",
        [
            f"{panel.label(int(ages.number[number]))} ({_describe_age(float(ages.seconds[number]), limit=limit)})"
            for number in worst
        ],
    )


def _check_change(panel: Panel, forecast: Forecast, *, before: PastForecast, gates: Gates, name: str) -> GateResult:
    """How far the forecasts are from those of the run called `name`, and the series that moved most."""
    assert gates.change_share is not None
    found = measure_changes(panel, forecast, before=before)
    order = np.argsort(-found.sizes, kind="stable")
    offenders = [
        f"{panel.label(int(forecast.index.series[window]))} ({f'{size:,.0%}' if np.isfinite(size) else 'from zero'})"
        for window, size in zip(found.windows[order], found.sizes[order], strict=True)
        if size > gates.change_share
    ]
    differ = "forecast differs from that" if len(offenders) == 1 else "forecasts differ from those"
    return _judge(
        "max-change",
        not offenders,
        gates.change_share,
        min(float(found.sizes.max()), MOST_CHANGE) if len(order) else None,
        f"{len(offenders):,} {differ} of {name} by more than --max-change {gates.max_change}",
        offenders,
    )


def _describe_age(seconds: float, *, limit: float) -> str:
    """An age above `limit`, rounded down, with as many digits as show that it is, and at least one below ten."""
    if seconds < 0:
        return f"{_describe_age(-seconds, limit=0)} in the future, not"
    unit, name = (60, "min") if seconds < 2 * HOUR else (HOUR, "h") if seconds < 96 * HOUR else (24 * HOUR, "days")
    fewest = 1 if seconds < 10 * unit else 0
    for digits in range(fewest, MOST_DIGITS + 1):
        shown = math.floor(seconds * 10**digits / unit) / 10**digits
        if shown * unit > limit:
            break
    return f"{shown:.{digits}f} {name}"


def _show_newest(panel: Panel, ages: Ages) -> str:
    place = int(np.argmin(np.abs(ages.seconds - ages.newest)))
    newest = panel.timestamps_of(int(ages.number[place]), back=int(ages.back[place]), ahead=0)[:1]
    return str(format_times(newest, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)[0])
