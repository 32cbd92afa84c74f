"""Steps of a week of which some are closed: days or hours that a history never shows, such as Sundays and nights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAY", "DAYS", "MONDAY", "WEEK", "OpenWeek", "find_open_week"]

Times = NDArray[Any]

DAY = 86_400_000_000
WEEK = 7 * DAY
MONDAY = np.datetime64("1970-01-05", "us")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS_OF_YEAR = 365.25

SHORTEST = 1_000_000
"""Microseconds of the shortest step of which some can be closed; a week has 600,000 of them."""
MIN_CYCLES = 3
"""Weeks, or days, in which a phase must have been missing before it can count as closed."""
MIN_FILLED = 0.5
"""Share of the open steps that must have a value: with fewer, rows are missing for other reasons."""
LARGEST_CHANCE = 1e-3
"""Chance that a phase is missing throughout only by accident, below which it counts as closed."""
LARGEST_DOUBT = 0.05
"""The same where it is told that there are closed phases."""
MIN_CLOSED = 0.1
"""Share of a week that must be closed; less is a gap, such as an hour of maintenance."""


@dataclass(frozen=True)
class OpenWeek:
    """The open steps of a week. A step has `multiple` microseconds.

    `runs` are the first step of each run of open steps and the step after it: (0, 6) is Monday to Saturday for days.
    Steps are counted from Monday, 00:00.
    """

    multiple: int
    runs: tuple[int, ...]

    @staticmethod
    def is_sound(multiple: int, runs: tuple[int, ...]) -> bool:
        """Whether the steps divide a week and the runs lie in it, one after the other."""
        if not runs or len(runs) % 2 or multiple < SHORTEST or WEEK % multiple:
            return False
        return runs[0] >= 0 and runs[-1] <= WEEK // multiple and bool((np.diff(runs) > 0).all())

    @property
    def steps(self) -> NDArray[np.int64]:
        """The open steps of the week, [open step]."""
        pairs = zip(self.runs[::2], self.runs[1::2], strict=True)
        return np.concatenate([np.arange(begin, end) for begin, end in pairs])

    @property
    def periods(self) -> tuple[int, ...]:
        """Lengths of the seasons in open steps: a week and a year for days; else a day and a week.

        Where days are open for unequal times only the week is a season.
        """
        week = len(self.steps)
        if self.multiple == DAY:
            return (week, round(DAYS_OF_YEAR * week / 7)) if week > 1 else (1,)
        lengths = {len(steps) for steps in self._steps_by_day() if len(steps)}
        periods = (lengths.pop(), week) if len(lengths) == 1 else (week,)
        return tuple(sorted({period for period in periods if period > 1})) or (1,)

    def describe_open(self) -> str:
        """The open days, and the open hours where they are the same each day; in words."""
        by_day = self._steps_by_day()
        days = _list_days([day for day, steps in enumerate(by_day) if len(steps)])
        if self.multiple == DAY:
            return days
        hours = {tuple(steps) for steps in by_day if len(steps)}
        steps = np.asarray(hours.pop()) if len(hours) == 1 else np.zeros(0, np.int64)
        if not len(steps) or len(steps) != steps[-1] - steps[0] + 1:
            return f"{len(self.steps)} of the {WEEK // self.multiple} steps of a week"
        shown = "" if len(steps) == DAY // self.multiple else f"{self._clock(steps[0])} to {self._clock(steps[-1] + 1)}"
        return ", ".join(filter(None, (days, shown)))

    def describe_closed(self) -> str:
        """The closed days, or how many steps of the week are closed; in words."""
        closed = [day for day, steps in enumerate(self._steps_by_day()) if not len(steps)]
        some = " and some hours" if len(self.steps) < (7 - len(closed)) * (DAY // self.multiple) else ""
        return (_list_days(closed) + some) if closed else "some hours"

    def advance(self, starts: Times, steps: NDArray[np.int64]) -> Times:
        """The timestamps that lie `steps` open steps after `starts`, NaT after NaT; both arguments broadcast."""
        is_unknown = np.isnat(starts)
        known = np.where(is_unknown, MONDAY, starts)
        opened = self.steps
        weeks, within, rest = self._split(known)
        reached = weeks * len(opened) + np.searchsorted(opened, within) + steps
        weeks, rank = np.divmod(reached, len(opened))
        ahead = (weeks * (WEEK // self.multiple) + opened[rank]) * self.multiple
        return np.where(is_unknown, np.datetime64("NaT", "us"), MONDAY + (ahead.astype("timedelta64[us]") + rest))

    def count_steps(self, starts: Times, timestamps: Times) -> NDArray[np.int64]:
        """Whole open steps from `starts` to `timestamps`, rounded down."""
        rest = self._split(starts)[2]
        return self._number(timestamps - rest) - self._number(starts - rest)

    def is_open(self, times: Times) -> NDArray[np.bool_]:
        """Which of `times` lie in an open step."""
        return np.isin(self._split(times)[1], self.steps)

    def _number(self, times: Times) -> NDArray[np.int64]:
        """The number of the last open step that is not after each of `times`."""
        weeks, within, _ = self._split(times)
        opened = self.steps
        return np.asarray(weeks * len(opened) + np.searchsorted(opened, within, side="right") - 1, np.int64)

    def _split(self, times: Times) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
        """The week of each time, the step within it, and the time since that step began."""
        steps, rest = np.divmod((times - MONDAY).astype("timedelta64[us]").astype(np.int64), self.multiple)
        weeks, within = np.divmod(steps, WEEK // self.multiple)
        return weeks, within, rest.astype("timedelta64[us]")

    def _steps_by_day(self) -> list[NDArray[np.int64]]:
        """The open steps of each day of the week, counted from its midnight."""
        day, within = np.divmod(self.steps * self.multiple, DAY)
        return [within[day == number] // self.multiple for number in range(7)]

    def _clock(self, step: int) -> str:
        minutes = int(step) * self.multiple // 60_000_000
        return f"{minutes // 60:02d}:{minutes % 60:02d}"


def find_open_week(times: Times, *, multiple: int, is_told: bool = False, least_filled: float = 0.0) -> OpenWeek | None:
    """The open steps of `multiple` microseconds where `times`, at which some series has a value, leave others out.

    A phase that is missing in all weeks (or, for hours in a short history, on all days) is closed where the
    other phases are filled so well that this is no accident. None where nothing is closed, or it is not certain; less
    will do where it `is_told` that something is. `least_filled` is the share of weeks in which each open phase must be
    filled: a phase of a single week is an exception, or a typing error.
    """
    if not SHORTEST <= multiple <= DAY or DAY % multiple:
        return None
    numbers = (times - MONDAY).astype("timedelta64[us]").astype(np.int64) // multiple
    week = WEEK // multiple
    if np.bincount(numbers % week, minlength=week).all():
        return None
    numbers = np.unique(numbers)
    for cycle in (week, DAY // multiple):
        if cycle == 1:
            break
        largest_chance = LARGEST_DOUBT if is_told else LARGEST_CHANCE
        opened = _find_open_phases(numbers, cycle=cycle, largest_chance=largest_chance, least_filled=least_filled)
        if opened is not None and len(opened) <= (1 - MIN_CLOSED) * cycle:
            steps = (np.arange(0, week, cycle)[:, None] + opened).ravel()
            edges = np.flatnonzero(np.diff(steps) > 1)
            runs = np.stack([steps[np.append(0, edges + 1)], steps[np.append(edges, len(steps) - 1)] + 1], axis=1)
            return OpenWeek(multiple, tuple(int(edge) for edge in runs.ravel()))
    return None


def _find_open_phases(
    numbers: NDArray[np.int64], *, cycle: int, largest_chance: float, least_filled: float
) -> NDArray[np.int64] | None:
    """The phases of `cycle` steps that the step `numbers` show, None where the others may be missing by accident."""
    first, last = int(numbers[0]), int(numbers[-1])
    phases = np.arange(cycle)
    # how often each phase lies between the first and the last value
    chances = (last - phases) // cycle - (first - 1 - phases) // cycle
    is_open = np.isin(phases, numbers % cycle)
    filled = np.bincount(numbers % cycle, minlength=cycle) / np.maximum(chances, 1)
    if is_open.all() or (filled[is_open] < least_filled).any():
        return None
    # one more step without a value, as if to come: no phase is known to be filled for certain
    empty = (1 + chances[is_open].sum() - len(numbers)) / (1 + chances[is_open].sum())
    seen = int(chances[~is_open].min())
    if seen < MIN_CYCLES or empty > 1 - MIN_FILLED or cycle * empty**seen > largest_chance:
        return None
    return np.flatnonzero(is_open)


def _list_days(days: list[int]) -> str:
    names = [DAYS[day] for day in days]
    if len(names) == len(DAYS):
        return ""
    # from the day after the first gap on: Sunday to Thursday
    begin = next((day for day in days if (day - 1) % 7 not in days), days[0])
    if len(names) > 2 and all((begin + step) % 7 in days for step in range(len(days))):
        return f"{DAYS[begin]} to {DAYS[(begin + len(days) - 1) % 7]}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
