"""Times in the forms that people's files hold are read as what they are, written on in the same form, or refused."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.data.times.date_formats import DATES, TIMES, guess_formats
from forecaster.data.times.dates import format_times, parse_times
from forecaster.data.times.moments import parse_moment
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read
from tests.time_forms import AHEAD, DAYS, FORMS, HOURS, MONTHS, predict, to_epochs, write

FILES = Path(__file__).parent / "files"


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


def test_many_id_columns_of_many_values_stay_apart() -> None:
    count = 65_536
    names = {f"id{column}": np.roll(np.arange(count), column).astype(str) for column in range(5)}
    frame = pd.DataFrame({**names, "date": "2024-01-01", "value": 1.0})
    # it differs from the first in the first column only, whose weight overflows
    frame = pd.concat([frame, frame.head(1).assign(id0="1")])
    frame = pd.concat([frame, frame.assign(date="2024-01-02")])
    frame.to_csv("data.csv", index=False)
    panel, _ = read_panel("data.csv", options=ReadOptions(ids=tuple(names)))
    assert len(panel) == count + 1


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


@pytest.mark.parametrize("date", DATES)
def test_each_known_format_is_found_from_its_text(date: str) -> None:
    for time in TIMES if {"%d", "%u"} & set(re.findall("%.", date)) else ("",):
        hours = pd.Series(HOURS[13:40].strftime(date + time))
        read_format, _ = guess_formats(hours, name="data.csv")
        assert pd.to_datetime(hours, format=read_format or "ISO8601").notna().all()


@pytest.mark.parametrize(
    ("header", "stamps"),
    [
        ("{},Datum", FORMS["minutes in digits"][0]),
        ("Datum,{}", FORMS["serial hours"][0]),
        ("{},zeit", FORMS["epoch seconds"][0]),
    ],
)
def test_digits_are_times_in_a_column_that_is_called_so(header: str, stamps: list[str]) -> None:
    rows = [header.format("value"), *(header.replace("Datum", stamp).replace("zeit", stamp) for stamp in stamps)]
    Path("data.csv").write_text("\n".join(row.format(100 + number % 7) for number, row in enumerate(rows)))
    panel, _ = read_panel("data.csv")
    assert (panel.time_column, panel.calendar.name) == (header.replace("{}", "").strip(","), "hourly")


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


def test_weeks_of_stata_are_said() -> None:
    assert any("weeks are read as ISO weeks" in note for note in read_panel(write(FORMS["weeks of Stata"][0]))[1].notes)


@pytest.mark.parametrize("pattern", ["%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d"])
def test_times_in_digits_are_found_by_a_word_of_their_name(pattern: str) -> None:
    stamps = HOURS if "%H" in pattern else DAYS
    rows = [f"44;{stamp.strftime(pattern)};3;{row % 7}.5;eor" for row, stamp in enumerate(stamps)]
    Path("data.csv").write_text("\n".join(["STATIONS_ID;MESS_DATUM;QN_9;TT_TU;eor", *rows]) + "\n")
    panel, summary = read_panel("data.csv", options=ReadOptions(target="TT_TU"))
    assert (summary.columns.time, panel.starts[0]) == ("MESS_DATUM", stamps[0])
    ends = [f"{row.rsplit(';', 1)[0]};{row.split(';')[1]}" for row in rows]
    Path("data.csv").write_text("\n".join(["STATIONS_ID;MESS_DATUM_BEGINN;QN_9;TT_TU;MESS_DATUM_ENDE", *ends]) + "\n")
    _, summary = read_panel("data.csv")
    assert (summary.columns.time, summary.columns.targets) == ("MESS_DATUM_BEGINN", ("TT_TU",))


def test_numbers_under_such_a_name_that_are_no_dates_are_no_times() -> None:
    rows = [f"{row % 7},{20241300 + row}" for row in range(40)]
    Path("data.csv").write_text("\n".join(["units,update_date_no", *rows]) + "\n")
    with pytest.raises(DataError, match="no time column"):
        read_panel("data.csv")


def test_a_format_as_check_shows_it_is_taken() -> None:
    text = "Date,n\n2/Jan/23,5\n3/Jan/23,9\n10/Jan/23,7\n"
    panel, _ = read(text, date_format="%-d/%b/%y")
    assert (panel.values[0], panel.values[-1], str(panel.starts[0])[:10]) == (5, 7, "2023-01-02")
    assert panel.time_style.format == "%-d/%b/%y"


def test_dates_as_git_writes_them() -> None:
    days = pd.date_range("2024-01-01 09:00", periods=12)
    rows = "".join(f"{day:%a %b} {day.day} {day:%H:%M:%S %Y} +0100,{3 * day.day % 7}\n" for day in days)
    panel, _ = read(f"date,n\n{rows}")
    assert (panel.calendar.name, str(panel.starts[0])[:16]) == ("daily", "2024-01-01T09:00")
    # a month is no offset
    months = "".join(f"10:00 2024-{month:02d},{3 * month % 7}\n" for month in range(1, 13))
    assert read(f"date,n\n{months}", date_format="%H:%M %Y-%m")[0].calendar.name == "monthly"
