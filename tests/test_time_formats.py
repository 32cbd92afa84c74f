"""Times in the forms that people's files hold are read as what they are, written on in the same form, or refused."""

import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.dates import format_times, parse_times
from forecaster.data.moments import parse_moment
from forecaster.data.reading import ReadOptions, read_panel
from forecaster.errors import DataError, UsageError
from tests.conftest import Command

FILES = Path(__file__).parent / "files"
HOURS = pd.date_range("2024-02-26", periods=96, freq="h")
DAYS = pd.date_range("2024-01-20", periods=60, freq="D")
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
    "time first": ([f"{hour:%H:%M %d/%m/%Y}" for hour in HOURS], "hourly"),
    "time first, months": ([f"{month:02:00 %d/%m/%Y}" for month in MONTHS], "monthly"),
    "first of each month": ([f"{month:%d.%m.%Y}" for month in MONTHS], "monthly"),
    "month first": ([f"{month:%m/%d/%Y}" for month in DAYS], "daily"),
    "short years": ([f"{day:%d.%m.%y}" for day in DAYS], "daily"),
    "short years first": ([f"{day:%y-%m-%d}" for day in DAYS], "daily"),
    "month and short year": ([f"{month:%b-%y}" for month in MONTHS], "monthly"),
    "with a blank": ([f"{month:%b %y}" for month in MONTHS], "monthly"),
    "in capitals": ([f"{month:%b-%y}".upper() for month in MONTHS], "monthly"),
    "months by number": ([f"{month:%YM%m}" for month in MONTHS], "monthly"),
    "quarter first": ([f"Q{month.quarter} {month:%Y}" for month in MONTHS[::3]], "quarterly"),
    "quarter": ([f"{month:%Y}Q{month.quarter}" for month in MONTHS[::3]], "quarterly"),
    "midnight with a half of the day": ([f"{day:%-m/%-d/%Y} 12:00:00 AM" for day in DAYS], "daily"),
    "midnight": ([f"{day:%Y-%m-%d %H:%M:%S}" for day in DAYS], "daily"),
    "long dates": ([f"{day:%A %d. %B %Y}" for day in DAYS], "daily"),
    "before 1678": ([f"{day:%d.%m.}1500" for day in DAYS[42:]], "daily"),
    "months before 1678": ([f"{month:%m}/{month.year - 500}" for month in MONTHS], "monthly"),
}


@pytest.mark.parametrize(("stamps", "calendar"), FORMS.values(), ids=FORMS)
def test_a_form_of_time_is_read_and_written_on(forecast: Command, stamps: list[str], calendar: str) -> None:
    data = write(stamps[:-AHEAD])
    panel, summary = read_panel(data)
    assert (panel.calendar.name, panel.lengths.tolist()) == (calendar, [len(stamps) - AHEAD])
    assert summary.missing_rows == 0
    assert predict(forecast, data) == stamps[-AHEAD:]


@pytest.mark.parametrize("form", ["epoch milliseconds", "serial months", "hours in digits", "hours with it", "weeks"])
def test_a_frame_is_read_in_the_same_way(form: str) -> None:
    stamps, _ = FORMS[form]
    column = pd.Series(stamps) if not stamps[0].isdecimal() else pd.Series(stamps).astype(np.int64)
    frame = pd.DataFrame({"date": column[:-AHEAD], "value": np.arange(len(stamps) - AHEAD) % 7 + 10.0})
    written = forecaster.predict(frame, horizon=AHEAD)["date"]
    assert written.dtype == column.dtype
    assert written.tolist() == column[-AHEAD:].tolist()


def test_numbers_that_are_read_as_times_are_named_with_the_flag_that_keeps_them(forecast: Command) -> None:
    stamps = to_epochs(HOURS, "{}")
    outcome = forecast("predict", write(stamps), "--horizon", "1", "-o", "out.csv")
    assert f"read as seconds since 1970 ({stamps[0]} is 2024-02-26 UTC)" in outcome.stderr
    assert "--date-format number" in outcome.stderr
    panel, summary = read_panel("data.csv", options=ReadOptions(date_format="number"))
    assert (panel.calendar.name, summary.notes) == ("numbered steps", ())


MONTH_NAMES = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "German, short": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "French, short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gen feb mar apr mag giu lug ago set ott nov dic",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Portuguese": "Janeiro Fevereiro Março Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro",
    "Polish": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "Swedish": "JANUARI FEBRUARI MARS APRIL MAJ JUNI JULI AUGUSTI SEPTEMBER OKTOBER NOVEMBER DECEMBER",
    "English": "January February March April May June July August September October November December",
}


@pytest.mark.parametrize("names", MONTH_NAMES.values(), ids=MONTH_NAMES)
@pytest.mark.parametrize("pattern", ["{} {:%Y}", "{:.0}1 {} {:%Y}"], ids=["months", "first days"])
def test_names_of_months_are_read_and_written_in_their_language(forecast: Command, names: str, pattern: str) -> None:
    months = names.split()
    day = "" if pattern.startswith("{} ") else "1 "
    stamps = [f"{day}{months[month.month - 1]} {month:%Y}" for month in MONTHS]
    assert predict(forecast, write(stamps[:-AHEAD])) == stamps[-AHEAD:]
    # even names that the file does not hold yet
    if names not in (MONTH_NAMES["German, short"],):
        assert predict(forecast, write(stamps[:9])) == stamps[9:12]


ASKED = {
    "dates or steps": (to_serials(DAYS), "step,value", ["excel", "number"]),
    "day or month": ([f"{day:%d %m %Y}" for day in pd.date_range("2023-02-01", periods=10)], "date,value", None),
    "time before the date": (
        [f"00:00 {day:%d/%m/%Y}" for day in pd.date_range("2023-02-01", periods=10)],
        "date,value",
        ["%H:%M %d/%m/%Y", "%H:%M %m/%d/%Y"],
    ),
    "months of one year": ([f"{month:%d.%m.%Y}" for month in MONTHS[:10]], "date,value", ["%d.%m.%Y", "%m.%d.%Y"]),
    "short years": ([f"{day:%d/%m/%y}" for day in pd.date_range("2023-02-01", periods=10)], "date,value", None),
    "days in six digits": ([f"{day:%y%m%d}" for day in DAYS[:9]], "step,value", ["%y%m%d", "%d%m%y", "number"]),
    "day or month in digits": (
        [f"{day:%d%m%Y}" for day in pd.date_range("2023-02-01", periods=10)],
        "date,value",
        ["%d%m%Y", "%m%d%Y"],
    ),
}


@pytest.mark.parametrize(("stamps", "header", "formats"), ASKED.values(), ids=ASKED)
def test_what_can_be_read_in_two_ways_is_asked(
    forecast: Command, stamps: list[str], header: str, formats: list[str] | None
) -> None:
    data = write(stamps, header=header)
    words = ["--time", "step"] if header.startswith("step") else []
    message = refuse(forecast, data, *words)
    flags = shlex.split(message.split("Choose with ")[1].rstrip(".\n"))
    found = [word for before, word in pairwise(flags) if before == "--date-format"]
    assert len(found) >= 2
    assert formats is None or found == formats
    written = [predict(forecast, data, *words, "--date-format", text_format) for text_format in found]
    assert "number" in found or len({tuple(texts) for texts in written}) >= 2


def test_a_year_or_a_day_after_the_name_of_a_month_is_asked(forecast: Command) -> None:
    data = write([f"{month:%b %y}" for month in MONTHS[:8]])
    assert "can be a year or a day. If it is a year, use --date-format '%b %y'" in refuse(forecast, data)
    assert predict(forecast, data, "--date-format", "%b %y") == ["Sep 18", "Oct 18", "Nov 18"]


def test_years_of_two_digits_in_either_century_are_refused(forecast: Command) -> None:
    data = write([f"{day:%d.%m.}65" for day in DAYS[:40]])
    assert "can be 2065 or 1965. Write years with four digits" in refuse(forecast, data)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (" CET", "ends in the name of a time zone, CET"),
        (" Europe/Berlin", "ends in the name of a time zone, Europe/Berlin"),
        ("+01:00 foo", "cannot be read as a timestamp"),
        ("+99:99", "cannot be read as a timestamp"),
        ("+01foo", "cannot be read as a timestamp"),
    ],
)
def test_what_is_no_offset_is_refused(forecast: Command, end: str, message: str) -> None:
    data = write([f"{hour:%Y-%m-%d %H:%M:%S}{end}" for hour in HOURS])
    assert message in refuse(forecast, data)


@pytest.mark.parametrize(
    "date_format",
    ["mixed", "ISO8601", "iso8601", "%z", "%Y%Y", "%H:%M", "%d.%m", "foo", "%", "%Q %Y", "%Y %", "%Y(%m", "%Y-%m-%d)"],
)
def test_a_date_format_that_is_none_is_refused(forecast: Command, date_format: str) -> None:
    data = write([f"{day:%Y-%m-%d}" for day in DAYS])
    code = 65 if date_format in ("%Y(%m", "%Y-%m-%d)") else 2
    assert "--date-format" in refuse(forecast, data, "--date-format", date_format, code=code)


@pytest.mark.parametrize(
    ("date_format", "pattern"),
    [
        ("dd.mm.yyyy", "%d.%m.%Y"),
        ("MM/DD/YYYY hh:mm", "%m/%d/%Y %H:%M"),
        ("yyyymmdd", "%Y%m%d"),
        ("d.m.yy", "%-d.%-m.%y"),
        ("DD-MMM-YYYY", "%d-%b-%Y"),
        ("yyyy-MM-ddTHH:mm:ss", "%Y-%m-%dT%H:%M:%S"),
        ("%d.%m.%Y", "%d.%m.%Y"),
    ],
)
def test_a_date_format_finds_its_column(forecast: Command, date_format: str, pattern: str) -> None:
    stamps = [f"{day:{pattern}}" for day in DAYS]
    rows = "\n".join(f"{row % 7},x,{stamp}" for row, stamp in enumerate(stamps[:-AHEAD]))
    Path("data.csv").write_text(f"sold,note,made on\n{rows}\n")
    assert predict(forecast, "data.csv", "--date-format", date_format) == stamps[-AHEAD:]


@pytest.mark.parametrize("form", ["quarter first", "weeks, basic", "month and short year", "epoch seconds"])
def test_a_time_column_of_any_name_is_found_by_its_cells(form: str) -> None:
    stamps, calendar = FORMS[form]
    panel, _ = read_panel(write(stamps, header="made on,sold"))
    assert (panel.time_column, panel.calendar.name) == ("made on", calendar)


@pytest.mark.parametrize(
    ("pattern", "frequency", "ahead"),
    [
        ("%Y-%m", "D", ["2022-12-02", "2022-12-03", "2022-12-04"]),
        ("%Y-%m", "h", ["2022-12-01 01:00", "2022-12-01 02:00", "2022-12-01 03:00"]),
        ("%Y%m", "D", ["20221202", "20221203", "20221204"]),
        ("%m/%Y", "D", ["2022-12-02", "2022-12-03", "2022-12-04"]),
        ("%b %Y", "D", ["2022-12-02", "2022-12-03", "2022-12-04"]),
        ("%Y-%m", "MS", ["2023-01", "2023-02", "2023-03"]),
        ("%Y-%m-%d", "12h", ["2022-12-01 12:00", "2022-12-02 00:00", "2022-12-02 12:00"]),
    ],
)
def test_steps_finer_than_the_dates_are_told_apart(
    forecast: Command, pattern: str, frequency: str, ahead: list[str]
) -> None:
    assert predict(forecast, write([f"{month:{pattern}}" for month in MONTHS]), "--freq", frequency) == ahead


def test_years_at_a_monthly_step_are_written_with_the_month(forecast: Command) -> None:
    data = write([str(year) for year in range(1990, 2020)])
    assert predict(forecast, data, "--freq", "MS") == ["2019-02", "2019-03", "2019-04"]
    frame = pd.DataFrame({"date": range(1990, 2020), "value": range(30)})
    written = forecaster.predict(frame, horizon=2, reading=ReadOptions(frequency="MS"))["date"]
    assert written.astype(str).tolist() == ["2019-02", "2019-03"]


def test_seconds_cannot_hold_milliseconds(forecast: Command) -> None:
    data = write(to_epochs(HOURS[:3], "{}"))
    assert "finer than times are written" in refuse(forecast, data, "--freq", "100ms", code=2)


@pytest.mark.parametrize("first", [2**63 - 40, 2**62, 10**15, 5 * 10**18])
def test_steps_with_numbers_that_overflow_are_refused(forecast: Command, first: int) -> None:
    data = write([str(first + 3 * step) for step in range(12)], header="step,value")
    assert "Number the steps from 1" in refuse(forecast, data, "--time", "step", "--date-format", "number")


def test_a_long_horizon_of_large_steps_is_refused(forecast: Command) -> None:
    data = write([str(90_000_000_000_001 * step) for step in range(12)], header="step,value")
    outcome = forecast("predict", data, "--time", "step", "--horizon", "100000", "-o", "out.csv")
    assert outcome.code == 2
    assert "beyond the largest number" in outcome.stderr


def test_many_id_columns_of_many_values_stay_apart() -> None:
    count = 65_536
    names = {f"id{column}": np.roll(np.arange(count), column).astype(str) for column in range(5)}
    frame = pd.DataFrame({**names, "date": "2024-01-01", "value": 1.0})
    # these differ only where the numbers of the columns overflow
    frame = pd.concat([frame, frame.assign(date="2024-01-02")])
    frame.to_csv("data.csv", index=False)
    panel, _ = read_panel("data.csv", options=ReadOptions(ids=tuple(names)))
    assert len(panel) == count


def test_an_impossible_date_is_named_with_its_line(forecast: Command) -> None:
    stamps = [f"{day:%d.%m.%Y}" for day in DAYS]
    for row in (0, 30):
        data = write([*stamps[:row], "31.02.2024", *stamps[row + 1 :]])
        assert f"line {row + 2}: '31.02.2024' cannot be read as a timestamp" in refuse(forecast, data)


def test_dates_of_both_orders_in_one_column_are_refused(forecast: Command) -> None:
    data = write(["13/04/2024", "04/14/2024", "15/04/2024", "04/16/2024"])
    assert "write all of them in one way" in refuse(forecast, data)


@pytest.mark.parametrize(("text", "message"), [("202000", "not an ISO week"), ("202153", "not an ISO week")])
def test_weeks_that_do_not_exist_are_refused(forecast: Command, text: str, message: str) -> None:
    assert message in refuse(forecast, write([text, *(f"2021{week:02d}" for week in range(1, 53))]))


def test_epochs_are_in_the_named_zone() -> None:
    midnights = pd.date_range("2024-03-20", periods=20, freq="D", tz="Europe/Berlin")
    texts = pd.Series([str(int(stamp.timestamp())) for stamp in midnights])
    times = parse_times(texts, name="", timezone="Europe/Berlin")
    assert (times.wall == midnights.tz_localize(None).to_numpy()).all()
    assert format_times(times.wall, style=times.style, uses_wall_clock=True).astype(str).tolist() == texts.tolist()
    assert format_times(times.instant, style=times.style, uses_wall_clock=False).astype(str).tolist() == texts.tolist()


@pytest.mark.parametrize(
    ("form", "until"),
    [("epoch seconds", "1709000000"), ("minutes in digits", "202402270213"), ("serial months", "43500")],
)
def test_the_end_of_training_is_written_as_the_data_are(form: str, until: str) -> None:
    panel, _ = read_panel(write(FORMS[form][0]))
    moment = parse_moment(until, panel=panel)
    expected = {"epoch seconds": "2024-02-27T02:13:20", "minutes in digits": "2024-02-27T02:13"}
    assert moment == np.datetime64(expected.get(form, "2019-02-04"))


def test_words_for_numbers_are_not_for_dates() -> None:
    with pytest.raises(UsageError, match=r"--date-format epoch-s: .* holds '2024-01-01'"):
        parse_times(pd.Series(["2024-01-01"]), name="data.csv", date_format="epoch-s")
    with pytest.raises(DataError, match="finer than a microsecond"):
        parse_times(pd.Series(["1735689600000000001"]), name="data.csv")


REAL = {
    "prometheus_range.csv": ("hourly", ["1735948800.781", "1735952400.781", "1735956000.781"]),
    "javascript_milliseconds.csv": ("hourly", ["1735948800000", "1735952400000", "1735956000000"]),
    "postgresql_export.csv": ("hourly", ["2025-01-04 00:00:00+01", "2025-01-04 01:00:00+01", "2025-01-04 02:00:00+01"]),
    "excel_serials.csv": ("monthly", ["45292", "45323", "45352"]),
    "umsatz_je_monat.csv": ("monthly", ["01.01.2024", "01.02.2024", "01.03.2024"]),
    "monatsnamen.csv": ("monthly", ["Januar 2024", "Februar 2024", "März 2024"]),
    "weeks_without_separator.csv": ("weekly", ["202109", "202110", "202111"]),
    "scada_minutes.csv": ("hourly", ["202501040000", "202501040100", "202501040200"]),
    "fred_quarters.csv": ("quarterly", ["Q1 2012", "Q2 2012", "Q3 2012"]),
    "rba_time_first.csv": ("daily", ["02:00 07/07/1999", "02:00 08/07/1999", "02:00 09/07/1999"]),
}


@pytest.mark.parametrize(("name", "calendar", "ahead"), [(name, *found) for name, found in REAL.items()], ids=REAL)
def test_a_real_file_runs_without_a_flag(forecast: Command, name: str, calendar: str, ahead: list[str]) -> None:
    assert read_panel(str(FILES / name))[0].calendar.name == calendar
    assert predict(forecast, str(FILES / name)) == ahead
