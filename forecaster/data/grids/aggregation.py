"""Aggregate the rows of each step into one: transactions, stamps that jitter, several rows in a step."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.calendar import DAY, HOUR, MINUTE, Calendar
from forecaster.data.frequency import parse_frequency
from forecaster.data.grids.rows import Rows, combine_values, starts_group
from forecaster.data.names.column_names import list_words, split_words
from forecaster.data.open_week import MONDAY, WEEK
from forecaster.data.read_options import ReadOptions, is_weekly
from forecaster.errors import DataError, UsageError

__all__ = ["Steps", "advise_aggregating", "aggregate_rows", "describe_sums_of_levels", "find_origin", "find_steps"]

Times = NDArray[Any]

MICROSECOND = np.timedelta64(1, "us")
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
USUAL_SHARE, ENOUGH_STEPS = 0.95, 20
"""A step is incomplete where it begins later than this share of the others; than all of them where they are few."""
LEVELS = list_words(
    """
    balance saldo kontostand solde stock inventory bestand lagerbestand level pegel
    price preis prix precio prezzo prijs cena temperature temp temperatur température temperatura
    """
)
"""Words for what is there at a time, and not for what comes in a time."""
AVERAGES = list_words(
    """
    avg average mean median max maximum minimum percent pct rate ratio mittel mittelwert durchschnitt schnitt moyenne
    promedio gemiddelde średnia
    """
)
"""Words for a summary of several values, or a ratio."""
REGULAR = 0.1
"""Share of a step by which the steps of a regular series begin, or end, apart at the most."""


@dataclass(frozen=True)
class Steps:
    """The step of each row: its own time, how the step is written, when it begins and when the next does; all [row]."""

    times: Times
    written: Times
    begins: Times
    ends: Times


def find_origin(rows: Rows, *, options: ReadOptions) -> Any:
    """The time that steps of several days are counted from, if `rows` are aggregated: that of the first row."""
    if options.aggregate is None:
        return None
    return _choose_times(rows, calendar=_find_step(rows, options=options)).min()


def aggregate_rows(rows: Rows, *, origin: Any, options: ReadOptions, name: str) -> tuple[Rows, tuple[str, ...]]:
    """One row for each series and step of `options.frequency`, and notes on what was done; `rows` are sorted.

    Steps at the ends are left out where the data begin after the step does, or end before. Raises UsageError for
    options that do not fit, DataError where no whole step remains.
    """
    rule = options.aggregate
    if rule is None:
        return rows, ()
    calendar = _find_step(rows, options=options)
    times = _choose_times(rows, calendar=calendar)
    steps = _divide(times, calendar=calendar, frequency=options.frequency or "", origin=origin)
    order = np.lexsort((np.arange(len(times)), steps.written, rows.codes))
    is_new = starts_group(rows.codes[order], steps.written[order])
    is_whole = ~_find_incomplete(rows.codes[order], times[order], steps, order=order, is_new=is_new)
    if not is_whole.any():
        raise DataError(f"{name}: no whole step of --freq {options.frequency}. Name a shorter one.")
    group = np.cumsum(is_new) - 1
    moved = steps.written - times
    placed = replace(rows, wall=rows.wall + moved, instant=rows.instant + moved).take(order)
    every = replace(
        placed.take(is_new), values=combine_values(placed.values, group, rule="sum" if rule == "count" else rule)
    )
    combined, left_out = every.take(is_whole), every.take(~is_whole).moments
    notes = [f"{len(times):,} rows give {len(combined.values):,} steps by their {rule}"]
    if rule == "count":
        notes = [f"{len(times):,} rows are counted, whatever they hold, and give {len(combined.values):,} steps"]
    early, late = int((left_out <= combined.moments.min()).sum()), int((left_out >= combined.moments.max()).sum())
    cut = [f"{number:,} at the {end}" for number, end in ((early, "beginning"), (late, "end")) if number]
    if len(left_out):
        notes.append(f"incomplete steps left out: {' and '.join(cut) or f'{len(left_out):,}'}")
    return combined, tuple(notes)


def describe_sums_of_levels(targets: tuple[str, ...], *, options: ReadOptions) -> tuple[str, ...]:
    """A note where the rows of a step are summed and hold a level by their name, such as the balance of an account."""
    rule = next((rule for rule in (options.aggregate, options.duplicates) if rule is not None), None)
    kinds = [(target, kind) for target in targets if (kind := _find_kind(target))] if rule == "sum" else []
    if not kinds:
        return ()
    flag = "--duplicates" if options.aggregate is None else "--aggregate"
    (name, kind), takes = kinds[0], "mean" if kinds[0][1] == "average" else "last or mean"
    article = "an" if kind == "average" else "a"
    return (f"{name!r} is {article} {kind} by its name, and a sum of {kind}s is none ({flag} {takes} takes one)",)


def _find_kind(name: str) -> str | None:
    """What the name says that cannot be summed: a level by its last word, as `closing balance`, but not `stock sold`.

    Or an average or a ratio by any word, as `Avg HR`. None for anything else.
    """
    words = split_words(name)
    if words[-1] in LEVELS:
        return "level"
    return None if AVERAGES.isdisjoint(words) else "average"


def find_steps(rows: Rows, *, origin: Any, options: ReadOptions) -> Steps | None:
    """The steps that `rows` lie in, if they are aggregated; those of several days are counted from `origin`."""
    if options.aggregate is None:
        return None
    calendar = _find_step(rows, options=options)
    times = _choose_times(rows, calendar=calendar)
    return _divide(times, calendar=calendar, frequency=options.frequency or "", origin=origin)


def advise_aggregating(times: Times, *, frequency: str | None) -> str | None:
    """The options that aggregate rows at `times` by the `frequency` given, or one that suits how long they span.

    None for numbered steps.
    """
    if times.dtype.kind == "i":
        return None
    span = int((times.max() - times.min()) / MICROSECOND)
    step = "D" if span >= 10 * DAY else "h" if span >= 10 * HOUR else "min" if span >= 10 * MINUTE else "s"
    return f"to aggregate the rows of each step use --freq {frequency or step} --aggregate sum, mean, last or max"


def _find_step(rows: Rows, *, options: ReadOptions) -> Calendar:
    if options.frequency is None:
        raise UsageError(f"--aggregate {options.aggregate}: name the step too, such as --freq D or --freq 15min.")
    if rows.wall.dtype.kind == "i":
        raise UsageError(f"--aggregate {options.aggregate}: the timestamps are whole numbers. Leave --aggregate out.")
    calendar = parse_frequency(options.frequency)
    anchor = options.frequency.strip().partition("-")[2]
    usual = ("", "DEC") if calendar.month_end else ("", "JAN")
    if (
        calendar.unit == "business_day"
        or calendar.fiscal_year is not None
        or (calendar.unit == "month" and anchor not in usual)
    ):
        raise UsageError(f"--freq {options.frequency} does not go with --aggregate. Use D, W, MS, QS or YS, or h.")
    return calendar


def _choose_times(rows: Rows, *, calendar: Calendar) -> Times:
    return rows.wall if calendar.uses_wall_clock else rows.moments


def _divide(times: Times, *, calendar: Calendar, frequency: str, origin: Any) -> Steps:
    """Weeks end on the day that they are named by and written with, as in pandas: W-MON is from Tuesday to Monday.

    Steps of several days begin at `origin`.
    """
    if calendar.unit == "month":
        months = times.astype("datetime64[M]").astype(np.int64) // calendar.multiple * calendar.multiple
        begins, ends = (
            part.astype("datetime64[M]").astype(times.dtype) for part in (months, months + calendar.multiple)
        )
        return Steps(times, ends - DAY * MICROSECOND if calendar.month_end else begins, begins, ends)
    size = calendar.multiple * MICROSECOND
    anchor, names_last_day = MONDAY, calendar.multiple % WEEK == 0 and is_weekly(frequency)
    if names_last_day:
        named = re.search(r"-([A-Z]{3})$", frequency.strip())
        anchor = MONDAY + ((DAYS.index(named[1]) + 1) % 7 if named and named[1] in DAYS else 0) * DAY * MICROSECOND
    elif calendar.multiple > DAY:
        anchor = origin.astype("datetime64[D]").astype(times.dtype)
    begins = anchor + (times - anchor) // size * size
    return Steps(times, begins + size - DAY * MICROSECOND if names_last_day else begins, begins, begins + size)


def _find_incomplete(
    codes: NDArray[np.int64], times: Times, steps: Steps, *, order: NDArray[np.int64], is_new: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which steps of which series [step] lie at an end of the data that does not reach over the whole step."""
    table = pd.DataFrame(
        {
            "series": codes,
            "step": steps.begins[order],
            "late": ((times - steps.begins[order]) / MICROSECOND).astype(np.float64),
            "early": ((steps.ends[order] - times) / MICROSECOND).astype(np.float64),
        }
    )
    size = float(np.median((steps.ends - steps.begins) / MICROSECOND))
    by_series = table.groupby(["series", "step"], sort=True)[["late", "early"]].min().reset_index()
    overall = table.groupby("step")[["late", "early"]].min()
    incomplete = np.zeros(int(is_new.sum()), bool)
    # all series together: the file begins, or ends, within a step
    for side, place in (("late", 0), ("early", -1)):
        others = np.delete(overall[side].to_numpy(), place)
        if len(others) and overall[side].iloc[place] > _find_usual(others):
            incomplete |= (by_series["step"] == overall.index[place]).to_numpy()
    # a series that is regular, and begins or ends within a step by itself
    first = ~by_series["series"].duplicated().to_numpy()
    last = ~by_series["series"].duplicated(keep="last").to_numpy()
    for side, at_end in (("late", first), ("early", last)):
        usual = by_series[~at_end].groupby("series")[side].agg(["min", "max", "size"]).reindex(by_series["series"])
        is_regular = (usual["max"] - usual["min"] <= REGULAR * size) & (usual["size"] >= 2)
        exceeds = by_series[side].to_numpy() > usual["max"].to_numpy() + REGULAR * size
        incomplete |= at_end & is_regular.to_numpy(bool) & exceeds
    return incomplete


def _find_usual(others: NDArray[np.float64]) -> float:
    return float(np.quantile(others, USUAL_SHARE if len(others) >= ENOUGH_STEPS else 1.0, method="higher"))
