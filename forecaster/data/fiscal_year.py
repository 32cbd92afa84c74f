"""Fiscal years of whole weeks, in months of 4 and 5, in quarters of 13, or as one; and in some years a 53rd week."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.open_week import DAYS

__all__ = ["FISCAL_MONTHS", "FiscalYear", "fit_fiscal_years"]

Days = NDArray[np.int64]
Times = NDArray[Any]

FISCAL_MONTHS = {"445": (4, 4, 5) * 4, "454": (4, 5, 4) * 4, "544": (5, 4, 4) * 4}
"""Weeks of each month of a year, by the name that --freq takes."""
QUARTERS = (13,) * 4
YEAR = (52,)
USUAL_ENDS = (3, 0, 4, 1, 7)
"""Days after the end of a month: the Saturday nearest to it, its last Saturday, the days after these two, and the first
Saturday of the next month."""
ENDS = range(31)
MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June", "July", "August")
MONTHS += ("September", "October", "November", "December")


@dataclass(frozen=True)
class FiscalYear:
    """Steps of `weeks` whole weeks, in the order of a year of 52 weeks. Dates are first days of steps, or last ones.

    `anchor`, in days since 1970, is the date from which some year is counted. With `year_end`, a month and a number of
    days, each year is counted from the last day of the same weekday that is at most so many days after the end of that
    month. The last step of some years is then one week longer. Without it no year has a 53rd week.
    """

    weeks: tuple[int, ...]
    anchor: int
    year_end: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        is_whole = sum(self.weeks) == 52 and min(self.weeks) > 0
        is_dated = not self.year_end or (
            len(self.year_end) == 2 and 1 <= self.year_end[0] <= 12 and self.year_end[1] in ENDS
        )
        if not (is_whole and is_dated and abs(self.anchor) < 10**6):
            raise ValueError("'calendar.fiscal_year' is not a year of 52 weeks with the day from which it is counted")

    @property
    def periods(self) -> tuple[int, ...]:
        """The season in steps: a year."""
        return (len(self.weeks),)

    @property
    def name(self) -> str:
        """The steps in words, such as 'months of 4-4-5 weeks'."""
        if self.weeks == QUARTERS:
            return "quarters of 13 weeks"
        if self.weeks == YEAR:
            return "years of 52 or 53 weeks"
        # where years begin is only known from a 53rd week, and so is with which month a quarter does
        return f"months of {'-'.join(map(str, self.weeks[:3])) if self.year_end else '4 and 5'} weeks"

    def describe_pattern(self, times: Times) -> str:
        """The weeks of the first months of `times`, in words."""
        first = int(self._split(times.min().astype("datetime64[D]").astype(np.int64)[None])[1][0])
        return f"{'-'.join(str(self.weeks[(first + step) % 12]) for step in range(3))} weeks from the first month on"

    def describe_start(self) -> str:
        """The day from which a year is counted, in words, such as 'the last Saturday of January'."""
        month, after = self.year_end
        weekday, before = _name_weekday(self.anchor), _name_weekday(self.anchor - 1)
        named, following = MONTHS[month - 1], MONTHS[month % 12]
        words = {
            0: f"the last {weekday} of {named}",
            1: f"the day after the last {before} of {named}",
            3: f"the {weekday} nearest to the end of {named}",
            4: f"the day after the {before} nearest to the end of {named}",
            7: f"the first {weekday} of {following}",
        }
        return words.get(after, f"the last {weekday} up to {after} {following}")

    def find_long_year(self, day: int) -> int:
        """The end, as counted, of the first year of 53 weeks that ends after `day`; both in days since 1970."""
        begins = self._begin(1970 + day // 365 + np.arange(-2, 30))
        is_long = (np.diff(begins) == 371) & (begins[1:] > day)
        return int(begins[1:][is_long][0])

    def advance(self, starts: Times, steps: Days) -> Times:
        """The timestamps that lie `steps` steps after `starts`, NaT after NaT; both arguments broadcast."""
        is_unknown = np.isnat(starts)
        days = np.where(is_unknown, np.datetime64(0, "D"), starts.astype("datetime64[D]"))
        years, rank, _ = self._split(days.astype(np.int64))
        more, rank = np.divmod(rank + steps, len(self.weeks))
        reached = self._begin(years + more) + self._first_days[rank]
        return np.where(is_unknown, np.datetime64("NaT", "us"), reached.astype("datetime64[D]") + (starts - days))

    def count_steps(self, starts: Times, timestamps: Times) -> Days:
        """Whole steps from `starts`, which are those of steps, to `timestamps`, rounded down."""
        days = starts.astype("datetime64[D]")
        now = (timestamps - (starts - days)).astype("datetime64[D]")
        first, rank, _ = self._split(days.astype(np.int64))
        years, reached, _ = self._split(now.astype(np.int64))
        return np.asarray((years - first) * len(self.weeks) + reached - rank, np.int64)

    def fits(self, days: Days) -> NDArray[np.bool_]:
        """Which of `days`, since 1970, are those of a step."""
        return np.asarray(self._split(days)[2] == 0)

    @property
    def _first_days(self) -> Days:
        """The days from the beginning of a year to each of its steps: [step]."""
        return 7 * np.cumsum((0, *self.weeks[:-1]))

    def _begin(self, years: Days) -> Days:
        """The day from which each of `years` is counted."""
        if not self.year_end:
            return np.asarray(self.anchor + 364 * (years - 1970))
        month, after = self.year_end
        latest = ((years - 1970) * 12 + month).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        latest += after - 1
        return np.asarray(latest - (latest - self.anchor) % 7)

    def _split(self, days: Days) -> tuple[Days, Days, Days]:
        """The year and the step of each of `days`, and the days since that step began."""
        length = 365.2425 if self.year_end else 364
        guess = 1970 + np.asarray((days - self.anchor * (not self.year_end)) // length, np.int64)
        named = np.arange(guess.min(initial=1970) - 2, guess.max(initial=1970) + 3)
        begins = self._begin(named)
        place = np.searchsorted(begins, days, side="right") - 1
        within = days - begins[place]
        rank = np.searchsorted(self._first_days, within, side="right") - 1
        return named[place], rank, within - self._first_days[rank]


def fit_fiscal_years(times: Times, *, weeks: tuple[int, ...] | None = None) -> list[FiscalYear]:
    """The fiscal years that all `times` fit, the likeliest first; several where the times leave open which one it is.

    Without `weeks` there are none unless it is certain that the steps are months, quarters or years of whole weeks:
    there must be dates for a year and one more, and they must not be the same weekday of ordinary months, such as the
    last Friday. With `weeks` it is told that they are, and the best year is returned where none fits.
    """
    days = np.unique(times.astype("datetime64[D]").astype(np.int64))
    gaps = np.diff(days)
    known = tuple(FISCAL_MONTHS.values()) if weeks is None else (weeks,)
    if weeks is None:
        if not len(gaps) or gaps.min() < 28 or (gaps % 7).any():
            return []
        # without a year of 53 weeks these have a fixed length
        fixed = 364 if gaps.min() >= 364 else 91 if gaps.min() >= 91 else None
        known = known if fixed is None else (YEAR,) if fixed == 364 else (QUARTERS,)
        is_excluded = _are_ordinary(days) if fixed is None else not (gaps % fixed).any()
        if is_excluded or len(days) <= len(known[0]):
            return []
    first, begins_weeks = int(days[0]), _name_weekday(int(days[0])) in ("Sunday", "Monday")
    regular = [FiscalYear(known[0], first - 7 * before) for before in (0, known[0][0], sum(known[0][:2]))]
    usual, unusual = (
        [FiscalYear(each, first, (month, after)) for after in ends for month in range(1, 13) for each in known]
        for ends in (sorted(USUAL_ENDS, key=lambda after: (after in (1, 4)) != begins_weeks), ENDS)
    )
    for candidates in (regular, usual, unusual):
        found = [year for year in candidates if year.fits(days).all()]
        if found:
            # months that are missing throughout leave open which of the others have 5 weeks
            is_certain = weeks is not None or len({year.year_end for year in found}) == len(found)
            return found if is_certain else []
    return [] if weeks is None else [max(regular + usual, key=lambda year: int(year.fits(days).sum()))]


def _name_weekday(day: int) -> str:
    return DAYS[(day + 3) % 7]  # 1970 began on a Thursday


def _are_ordinary(days: Days) -> bool:
    """Whether all `days` are the same weekday of ordinary months, such as the first, the last or that on the 15th."""
    dates = (days - np.arange(31)[:, None]).astype("datetime64[D]")
    next_months = (dates.astype("datetime64[M]") + 1).astype("datetime64[D]")
    # a rule such as the third Friday lies so many days after the last Friday of the month before
    return bool((np.ptp((next_months - dates).astype(np.int64), axis=1) < 7).any())
