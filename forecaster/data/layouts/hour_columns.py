"""The columns of a table with a row for each day that are called by all of its hours, or half-hours."""

import re
from dataclasses import dataclass

from forecaster.data.parts.half_hours import HALF_HOUR, HALF_HOURS, HALF_HOURS_OF_DAY, MINUTES

__all__ = ["Parts", "find_hours"]

HOUR_WORDS = r"hours?|hrs?|h|stunde|uhr|heures?|horas?|ora|uur"
HOUR = re.compile(
    rf"(?:(?:he|{HOUR_WORDS})?[ _.]?(?P<number>\d\d?)(?:[ _.]?(?:{HOUR_WORDS}))?|(?P<begin>\d\d?)(?::00)?\s?[-–]\s?"
    r"(?P<end>\d\d?)(?::00)?|(?P<clock>\d\d?):00(?::00)?|(?P<half>\d\d?)(?::00)?\s?(?P<of_day>[ap])\.?\s?m\.?)",
    re.IGNORECASE,
)
"""An hour as a name: `1`, `H1`, `HE 01`, `1h`, `00-01`, `00:00-01:00`, `13:00`, `1 PM`."""
CLOCK, ANY_CLOCK = re.compile(r"(\d\d?):(00|30)(?::00)?"), re.compile(r"\d\d?:(\d\d)(?::\d\d)?")
NUMBERED = re.compile(rf"(?:hh|sp|p(?:eriod)?|{HALF_HOURS})?[ _.-]?0?(\d\d?)", re.IGNORECASE)
"""A half-hour as a name: `00:30`, or `HH02`, `SP 2`, `2`."""
FORMS = {"month": "-{:02d}", "quarter": "Q{}", "hour": " {:02d}:00"}


@dataclass(frozen=True)
class Parts:
    """The columns of the parts of a year or a day: the `places` by their numbers.

    Where it `ends_hours`, hours are numbered from 1 on, and `places` has the one before; so are half-hours. `is_named`
    where the names are more than numbers.
    """

    level: str
    places: dict[int, int]
    ends_hours: bool = False
    is_named: bool = True

    @property
    def whole(self) -> str:
        """What a row is."""
        return "day" if self.level in ("hour", HALF_HOUR) else "year"

    def describe(self, *, left_out: list[str], flag: str) -> str:
        """One line on what was found, and how to have it otherwise."""
        kept = f"; left out: {' and '.join(left_out)}" if left_out else ""
        end = "01:00" if self.level == "hour" else "00:30"
        hours = f"; {self.level} 1 is from 00:00 to {end}, and its start is written" if self.ends_hours else ""
        return (
            f"one row per {self.whole} with a column per {self.level}: read as {self.level}ly{hours}{kept} ({flag} if "
            "each column is a series)"
        )

    def write_times(self) -> tuple[str, ...]:
        """What follows the year, or the day, in the times of the cells."""
        if self.level == HALF_HOUR:
            return tuple(f" {number // 2:02d}:{number % 2 * MINUTES:02d}" for number in sorted(self.places))
        return tuple(FORMS[self.level].format(number) for number in sorted(self.places))


def find_hours(names: list[str]) -> Parts | None:
    """The columns that are called by all hours, or half-hours, of the day, each once."""
    minutes = {match[1] for name in names if (match := ANY_CLOCK.fullmatch(name))}
    if minutes - {"00", "30"}:
        return None
    return _find_half_hours(names) or (None if "30" in minutes else _find_whole_hours(names))


def _find_whole_hours(names: list[str]) -> Parts | None:
    found: dict[int, int] = {}
    matches = {place: match for place, name in enumerate(names) if (match := HOUR.fullmatch(name))}
    for place, match in matches.items():
        hour = int(next(match[kind] for kind in ("number", "begin", "clock", "half") if match[kind]))
        is_range = match["end"] is None or int(match["end"]) in (hour + 1, (hour + 1) % 24)
        if match["half"]:
            hour = hour % 12 + 12 * (match["of_day"].lower() == "p")
        if hour in found or not is_range:
            return None
        found[hour] = place
    is_named = not all(match[0].isdecimal() for match in matches.values())
    if found.keys() == {*range(24)}:
        return Parts("hour", found, is_named=is_named)
    # 24:00 is a time of the next day, and the hour before it no 24
    if found.keys() == {*range(1, 25)} and all(match["number"] for match in matches.values()):
        return Parts("hour", {hour - 1: place for hour, place in found.items()}, ends_hours=True, is_named=is_named)
    return None


def _find_half_hours(names: list[str]) -> Parts | None:
    """The columns that are called by the times at which half-hours begin, or by their numbers, from 1 to 48."""
    for pattern, is_clock in ((CLOCK, True), (NUMBERED, False)):
        matches = {place: match for place, name in enumerate(names) if (match := pattern.fullmatch(name))}
        numbers = [
            2 * int(match[1]) + (match[2] == "30") if is_clock else int(match[1]) - 1 for match in matches.values()
        ]
        if len(numbers) == HALF_HOURS_OF_DAY and {*numbers} == {*range(HALF_HOURS_OF_DAY)}:
            is_named = not all(match[0].isdecimal() for match in matches.values())
            return Parts(
                HALF_HOUR, dict(zip(numbers, matches, strict=True)), ends_hours=not is_clock, is_named=is_named
            )
    return None
