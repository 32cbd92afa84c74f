"""Times in many forms, and files that hold them."""

from pathlib import Path

import pandas as pd

from tests.conftest import Command

HOURS = pd.date_range("2024-02-26", periods=96, freq="h")
DAYS = pd.date_range("2024-01-20", periods=60, freq="D")
NIGHT = pd.date_range("2024-05-05 05:00", periods=40, freq="15min")
MONTHS = pd.date_range("2018-01-01", periods=60, freq="MS")
WEEKS = pd.date_range("2020-01-06", periods=104, freq="7D")
AHEAD = 3


def write(stamps: list[str], *, header: str = "date,value", name: str = "data.csv") -> str:
    values = (f"{stamp},{100 + row % 7 + row % 12}" for row, stamp in enumerate(stamps))
    Path(name).write_text("\n".join([header, *values]) + "\n")
    return name


def predict(forecast: Command, *words: str) -> list[str]:
    """The times of the forecast, as text."""
    outcome = forecast("predict", *words, "--quiet", "--horizon", str(AHEAD), "-o", "out.csv")
    assert (outcome.code, outcome.stderr) == (0, ""), outcome.stderr
    table = pd.read_csv("out.csv", dtype=str, sep="[,;]", engine="python")
    return table.iloc[:, 0].tolist()


def predict_and_say(forecast: Command, *words: str) -> tuple[list[str], str]:
    """The times of the forecast, and what is said of it."""
    outcome = forecast("predict", *words, "--horizon", str(AHEAD), "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv("out.csv", dtype=str, sep="[,;]", engine="python")
    return table.iloc[:, 0].tolist(), outcome.stderr


def refuse(forecast: Command, *words: str, code: int = 65) -> str:
    outcome = forecast("predict", *words, "--horizon", str(AHEAD), "-o", "out.csv")
    assert outcome.code == code, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not Path("out.csv").exists()
    return outcome.stderr


def to_epochs(stamps: pd.DatetimeIndex, pattern: str) -> list[str]:
    return [pattern.format(int(stamp.timestamp())) for stamp in stamps]


def to_serials(stamps: pd.DatetimeIndex) -> list[str]:
    return [str((stamp - pd.Timestamp("1899-12-30")).days) for stamp in stamps]


FORMS: dict[str, tuple[list[str], str]] = {
    "epoch seconds": (to_epochs(HOURS, "{}"), "hourly"),
    "epoch seconds as floats": (to_epochs(HOURS, "{}.0"), "hourly"),
    "epoch seconds with a fraction": (to_epochs(HOURS, "{}.781"), "hourly"),
    "epoch milliseconds": (to_epochs(HOURS, "{}000"), "hourly"),
    "epoch microseconds": (to_epochs(HOURS, "{}000000"), "hourly"),
    "epoch nanoseconds": (to_epochs(HOURS, "{}000000000"), "hourly"),
    "epoch days": (to_epochs(DAYS, "{}"), "daily"),
    "serial days": (to_serials(DAYS), "daily"),
    "serial months": (to_serials(MONTHS), "monthly"),
    "serial half days": ([f"{45000 + step / 2:g}" for step in range(60)], "every 12h"),
    "serial hours": ([f"{45000 + step / 24:.7f}" for step in range(60)], "hourly"),
    "weeks without a separator": ([f"{week:%G%V}" for week in WEEKS], "weekly"),
    "weeks": ([f"{week:%G-W%V}" for week in WEEKS], "weekly"),
    "months of SAS": ([f"{month:%b%Y}".upper() for month in MONTHS], "monthly"),
    "days of statements": ([f"{day:%d/%b/%y}" for day in DAYS], "daily"),
    "half-years of Stata": ([f"{1990 + half // 2}h{half % 2 + 1}" for half in range(40)], "every 6 months"),
    "weeks of Stata": ([f"{week:%G}w{week.week}" for week in WEEKS], "weekly"),
    "weeks, basic": ([f"{week:%GW%V}" for week in WEEKS], "weekly"),
    "German weeks": ([f"KW {week:%V/%G}" for week in WEEKS], "weekly"),
    "days of weeks": ([f"{day:%G-W%V-%u}" for day in DAYS], "daily"),
    "offset of PostgreSQL": ([f"{day:%Y-%m-%d %H:%M:%S}+01" for day in DAYS], "daily"),
    "hours with it": ([f"{hour:%Y-%m-%d %H:%M:%S}+01" for hour in HOURS], "hourly"),
    "negative": ([f"{hour:%Y-%m-%d %H:%M:%S}-05" for hour in HOURS], "hourly"),
    "half hours, no colon": ([f"{hour:%Y-%m-%d %H:%M:%S}+0530" for hour in HOURS], "hourly"),
    "after a blank": ([f"{hour:%Y-%m-%d %H:%M:%S} +05" for hour in HOURS], "hourly"),
    "UTC by name": ([f"{hour:%Y-%m-%d %H:%M:%S} UTC" for hour in HOURS], "hourly"),
    "GMT by name": ([f"{hour:%Y-%m-%d %H:%M:%S} GMT" for hour in HOURS], "hourly"),
    "UTC and an offset": ([f"{hour:%Y-%m-%d %H:%M} UTC+02:00" for hour in HOURS], "hourly"),
    "Z": ([f"{hour:%Y-%m-%dT%H:%M:%S.000Z}" for hour in HOURS], "hourly"),
    "minutes in digits": ([f"{hour:%Y%m%d%H%M}" for hour in HOURS], "hourly"),
    "hours in digits": ([f"{hour:%Y%m%d%H}" for hour in HOURS], "hourly"),
    "seconds in digits": ([f"{hour:%Y%m%d%H%M%S}" for hour in HOURS], "hourly"),
    "digits and T": ([f"{hour:%Y%m%dT%H%M}" for hour in HOURS], "hourly"),
    "short year in digits": ([f"{day:%y%m%d}" for day in DAYS], "daily"),
    "day first in digits": ([f"{day:%d%m%Y}" for day in DAYS], "daily"),
    "day of the year": ([f"{day:%Y%j}" for day in pd.date_range("2023-12-01", periods=60)], "daily"),
    "quarters in digits": ([f"{month:%Y}{month.quarter}" for month in MONTHS[::3]], "quarterly"),
    "blanks": ([f"{day:%d %m %Y}" for day in DAYS], "daily"),
    "months with blanks": ([f"{month:%d %m %Y}" for month in MONTHS], "monthly"),
    "half of the day, a name": ([f"{hour:%b %d %Y %I:%M %p}" for hour in HOURS[12:]], "hourly"),
    "half of the day in small letters": ([f"{hour:%Y-%m-%d %-I:%M %p}".lower() for hour in HOURS[12:]], "hourly"),
    "half of the day with points": (
        [f"{hour:%m/%d/%Y %I:%M %p}".replace("AM", "a.m.").replace("PM", "p.m.") for hour in HOURS[12:]],
        "hourly",
    ),
    "half of the day, ISO": ([f"{hour:%Y-%m-%d %I:%M:%S %p}" for hour in HOURS[12:]], "hourly"),
    "time first": ([f"{hour:%H:%M %d/%m/%Y}" for hour in HOURS], "hourly"),
    "time first, years first": ([f"{stamp:%H:%M %Y/%m/%d}" for stamp in NIGHT], "every 15min"),
    "time first, a name": ([f"{stamp:%H:%M %d %b %Y}" for stamp in NIGHT], "every 15min"),
    "time first, months": ([f"{month:02:00 %d/%m/%Y}" for month in MONTHS], "monthly"),
    "first of each month": ([f"{month:%d.%m.%Y}" for month in MONTHS], "monthly"),
    "month first": ([f"{month:%m/%d/%Y}" for month in DAYS], "daily"),
    "short years": ([f"{day:%d.%m.%y}" for day in DAYS], "daily"),
    "short years first": ([f"{day:%y-%m-%d}" for day in DAYS], "daily"),
    "month and short year": ([f"{month:%b-%y}" for month in MONTHS], "monthly"),
    "with a blank": ([f"{month:%b %y}" for month in MONTHS], "monthly"),
    "in capitals": ([f"{month:%b-%y}".upper() for month in MONTHS], "monthly"),
    "months by number": ([f"{month:%YM%m}" for month in MONTHS], "monthly"),
    "quarters of Stata": ([f"{month:%Y}q{month.quarter}" for month in MONTHS[::3]], "quarterly"),
    "months of Stata": ([f"{month:%Y}m{month.month}" for month in MONTHS], "monthly"),
    "quarter first": ([f"Q{month.quarter} {month:%Y}" for month in MONTHS[::3]], "quarterly"),
    "quarter": ([f"{month:%Y}Q{month.quarter}" for month in MONTHS[::3]], "quarterly"),
    "midnight with a half of the day": ([f"{day:%-m/%-d/%Y} 12:00:00 AM" for day in DAYS], "daily"),
    "midnight": ([f"{day:%Y-%m-%d %H:%M:%S}" for day in DAYS], "daily"),
    "long dates": ([f"{day:%A %d. %B %Y}" for day in DAYS], "daily"),
    "before 1678": ([f"{day:%d.%m.}1500" for day in DAYS[42:]], "daily"),
    "months before 1678": ([f"{month:%m}/{month.year - 500}" for month in MONTHS], "monthly"),
}
