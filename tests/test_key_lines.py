"""Lines of keys and values above rows that begin with times are no rows, and one of them names the columns."""

import gzip
from pathlib import Path

import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read

FILES = Path(__file__).parent / "files"
DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]
ROWS = "".join(f"{day},{10 + place % 7}\n" for place, day in enumerate(DAYS))
KEYS = "Title,Sales 5\nUnit,EUR\nSource,Till 3\n"
FORMS = {
    "ons_monthly.csv": ("ons_time_series.csv", "CPIH ANNUAL RATE 00: ALL ITEMS 2015=100"),
    "bundesbank.csv": ("bundesbank_exchange_rate.csv", "BBEX3.D.USD.EUR.BB.AC.000"),
    "insee.csv": ("insee_series.csv", "Indice des prix à la consommation - Base 2015 - Ensemble des ménages - France"),
    "cloudwatch.csv": ("cloudwatch_metric.csv", "CPUUtilization"),
    "genesis.csv": ("genesis_years.csv", "Verbraucherpreisindex"),
    "snb.csv": ("snb_single_series.csv", "Value"),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_statistics_is_checked_and_forecast(forecast: Command, form: str) -> None:
    name, target = FORMS[form]
    Path("data.csv").write_bytes((FILES / name).read_bytes())
    assert forecast("check", "data.csv").code == 0
    outcome = forecast("predict", "data.csv", "--horizon", "3", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert f"target {target!r}, one series" in outcome.stderr
    assert len(outcome.stdout.splitlines()) == 4
    packed = gzip.compress(Path("data.csv").read_bytes())
    Path("data.csv.gz").write_bytes(packed)
    assert forecast("predict", "data.csv.gz", "--horizon", "3", "--output", "-").stdout == outcome.stdout


def test_rows_below_keys_are_those_of_the_plain_table(forecast: Command) -> None:
    words = ("predict", "data.csv", "--horizon", "3", "--output", "-")
    Path("data.csv").write_text(f"timestamp,Sales 5\n{ROWS}")
    plain = forecast(*words)
    Path("data.csv").write_text(KEYS + ROWS)
    outcome = forecast(*words)
    assert outcome.stdout == plain.stdout
    said = "3 lines above the rows hold keys and values: only line 1, 'Title,Sales 5', is read, for the names"
    assert said in outcome.stderr
    # lines are counted as in the file
    Path("data.csv").write_text(KEYS + ROWS.replace("2024-01-09,11", "2024-01-09,much"))
    assert "line 12: 'much' is not a number" in forecast(*words).stderr


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("Title,Sales,Sales\nCode,A1,B2\nUnit,EUR,EUR\n", "timestamp A1 B2"),
        ("Title 2024,,\nTitle,North,South\nUnit,EUR,m3\n", "timestamp North South"),
        ('"",North,South\n"",the north,the south\nUnit,EUR,m3\n', "timestamp North South"),
        ('Title,North,South\nNote,"of 3\nlines, not one",\nUnit,EUR,EUR\n', "timestamp North South"),
        ("Report 5\nday,North,South\n,EUR,m3\n", "day North South"),
        ("Station,5\nUnit,mm\nDate,North,South\n", "Date North South"),
        ("Station,5\nUnit,mm\nRow,North,South\n", "Row North South"),
        ("Station,5\nCode,A1,B2\nSales of 2\nRow,North,South\n", "timestamp North South"),
        ("Station,5\nCode,A1,B2\nDay,North,South\nUnit,m2,m3\n", "Day North South"),
        ("Station,A 5,B 5\nUnit,m2,cm\n\nRow,North,South\n", "Row North South"),
    ],
    ids=[
        "repeated",
        "title",
        "no key",
        "line break",
        "units",
        "header",
        "only header",
        "below a title",
        "for a time",
        "header below a blank line",
    ],
)
def test_the_names_are_those_of_the_first_line_that_has_different_ones(keys: str, names: str) -> None:
    rows = "".join(f"{day},{10 + place % 7},{12 + place % 5}\n" for place, day in enumerate(DAYS))
    panel, summary = read(keys + rows)
    assert " ".join([summary.columns.time, *summary.columns.targets]) == names
    assert len(panel.values) == 56


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (f"day,sales\nunit,EUR\n{ROWS}", "day"),
        (f"what,sales\nunit,EUR\nkind,mean\nwho,me\n{ROWS}", "what"),
        (f"what,sales\nTotal,460 €\nMean,12 €\n{ROWS}", "what"),
        (f"what,sales,note\nTotal,460,a\nMean,12,b 2\n{ROWS.replace(chr(10), ',c' + chr(10))}", "what"),
        (f"Company,X1,\nPeriod,2024,\nday,sales,\n{ROWS.replace(chr(10), ',' + chr(10))}", "day"),
    ],
    ids=["a unit", "units without digits", "sums", "sums beside texts", "padded titles"],
)
def test_a_header_with_more_lines_is_read_as_before(text: str, time: str) -> None:
    panel, summary = read(text)
    assert (summary.columns.time, summary.columns.targets) == (time, ("sales",))
    assert len(panel.values) == 28
    assert not any("keys and values" in note for note in summary.notes)


@pytest.mark.parametrize(
    "text",
    [
        f"day,sales\nsoon,5 x\nlater,6\n{ROWS}",
        f"what,sales\nsoon,5\nlater,6\n{ROWS}",
        f"Title,Sales 5\nUnit,Till 3\n{ROWS}",
        KEYS + ROWS[:56],
        KEYS + ROWS.replace("2024-01-20", "soon"),
        KEYS + "".join(f"{1990 + 7 * place % 20},{place}\n" for place in range(20)),
    ],
    ids=["wrong rows", "rows of numbers", "a value", "few rows", "a wrong time", "years in no order"],
)
def test_what_may_be_something_else_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="timestamp"):
        read(text)


def test_a_last_line_without_a_name_for_the_time_is_a_header() -> None:
    keys = "Station,5\nLevel,2\n,sales\n"
    years = "".join(f"{year},{year % 7}\n" for year in range(1990, 2020))
    panel, summary = read(keys + years)
    assert (summary.columns.time, summary.columns.targets, len(panel.values)) == ("timestamp", ("sales",), 30)
    panel, summary = read(keys + years + "* preliminary\n")
    assert (summary.columns.time, summary.columns.targets, len(panel.values)) == ("year", ("sales",), 30)


def test_flags_say_what_the_lines_are() -> None:
    panel, summary = read(KEYS + ROWS, header=False)
    assert (summary.columns.targets, len(panel.values)) == (("value",), 28)
    with pytest.raises(DataError, match="no time column among Title, Sales 5"):
        read(KEYS + ROWS, header=True)
