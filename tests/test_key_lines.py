"""Lines of keys and values above a table, as statistical offices, central banks and clouds write them, are no rows."""

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.test_reading import read

MONTHS = pd.date_range("2015-01-01", periods=60, freq="MS")
GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]


def write(head: str, pattern: str, *, quoted: bool = False, sep: str = ",", end: str = "") -> str:
    rows = ((month.strftime(pattern), f"{100 + number % 12}.5") for number, month in enumerate(MONTHS))
    quote = '"' * quoted
    return head + "".join(f"{quote}{time}{quote}{sep}{quote}{value}{quote}{end}\n" for time, value in rows)


ONS = (
    '"Title","CPI INDEX 2015=100"\n"CDID","D7BT"\n"Source dataset ID","MM23"\n"PreUnit",""\n"Unit","Index"\n'
    '"Release date","17-01-2024"\n"Next release","14 February 2024"\n"Important notes",""\n'
)
BUNDESBANK = (
    ",BBEX3.M.USD,BBEX3.M.USD_FLAGS\n,Exchange rate / EUR 1 = USD ...,\nunit,USD,\nunit multiplier,one,\n"
    "last update,2024-02-09 17:28:46,\n"
)
SNB = '\ufeff"CubeId";"rendoblim"\n"PublishingDate";"2024-02-01 09:00"\n\n"Date";"D0";"Value"\n'
INSEE = (
    '"Libellé";"Indice des prix - Base 2015";"Codes"\n"idBank";"001759970";""\n'
    '"Dernière mise à jour";"12/01/2024 08:45";""\n'
    '"Période";"";""\n'
)
CLOUDWATCH = (
    "Full label,CPUUtilization\nAccount ID,123456789012\nRegion,eu-west-1\nStatistic,Average\nPeriod,300\n"
    "Unit,Percent\nColor,#1f77b4\n"
)
FILES = {
    "ONS": (write(ONS, "%Y %b", quoted=True).upper(), "CPI INDEX 2015=100"),
    "Bundesbank": (write(BUNDESBANK, "%Y-%m", end=","), "BBEX3.M.USD"),
    "SNB": (write(SNB, "%Y-%m;1J", sep=";"), "Value"),
    "INSEE": (write(INSEE, "%Y-%m", sep=";", end=";A"), "Indice des prix - Base 2015"),
    "CloudWatch": (write(CLOUDWATCH, "%Y/%m/%d %H:%M:%S"), "CPUUtilization"),
}


@pytest.mark.parametrize(("text", "target"), FILES.values(), ids=FILES)
def test_lines_of_keys_above_rows_are_left_out(text: str, target: str) -> None:
    panel, summary = read(text)
    assert (panel.calendar.name, len(panel.values), summary.columns.targets) == ("monthly", 60, (target,))
    assert panel.values[:2].tolist() == [100.5, 101.5]
    assert any("the header not read" in note for note in summary.notes)


@pytest.mark.parametrize("columns", [1, 2])
def test_years_and_months_without_names_below_titles_are_read(columns: int) -> None:
    titles = "Tabelle: 61111-0002;;\nVerbraucherpreisindex: Deutschland, Monate;;\nDeutschland;;\n"
    more, names, units = (cell * (columns - 1) for cell in (";2,4", ";Veränderung", ";in (%)"))
    rows = "".join(f"{month.year};{GERMAN[month.month - 1]};{100 + month.month},5{more}\n" for month in MONTHS)
    notes = "__________\nDie Werte sind vorläufig.\n© Statistisches Bundesamt (Destatis), 2024\n"
    panel, summary = read(f"{titles};;Verbraucherpreisindex{names}\n;;2020=100{units}\n{rows}{notes}")
    assert (panel.calendar.name, len(panel.values)) == ("monthly", 60)
    assert summary.columns.targets == ("Verbraucherpreisindex",)


def test_periods_of_several_lengths_are_named() -> None:
    years, quarters = (
        [f'"{text}","{number}"\n' for number, text in enumerate(texts)]
        for texts in (
            [str(year) for year in range(2005, 2020)],
            [f"{year} Q{quarter}" for year in range(2005, 2020) for quarter in (1, 2, 3, 4)],
        )
    )
    message = r"Column 'Title' has years \(2005\), quarters \(2005 Q1\) and months \(2015 JAN\): keep the rows of one"
    months = write("", "%Y %b", quoted=True).upper()
    with pytest.raises(DataError, match=message):
        read(ONS + "".join(years + quarters) + months)
    for kept in ("".join(years), "".join(quarters), months):
        assert read(ONS + kept, time="Title")[1].columns.time == "Title"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (",5\n,6\n", "line 2.*no timestamp"),
        ("2015-13-45,5\n2014-13-01,x\n", "line 2"),
        ("unknown,5\n", "'unknown' cannot be read"),
        ("unknown,5\nnone,6\n", "'unknown' cannot be read"),
    ],
)
def test_rows_that_lack_a_time_are_no_keys(lines: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(write(f"date,value\n{lines}", "%Y-%m-%d"))


def test_several_annotated_tables_are_read_by_the_remedy() -> None:
    hours = pd.date_range("2024-01-01", periods=48, freq="h")
    text = ""
    for field in ("usage", "idle"):
        text += "#group,false,false,true\n#datatype,string,long,dateTime:RFC3339,double,string\n#default,_result,,,,\n"
        text += ",result,table,_time,_value,_field\n"
        text += "".join(f",,0,{hour:%Y-%m-%dT%H:%M:%SZ},{hour.hour}.5,{field}\n" for hour in hours) + "\n"
    with pytest.raises(
        DataError, match=r"several tables, .* \(again in line 55\)\. Delete the lines that begin with #"
    ):
        read(text)
    plain = "".join(f"{line}\n" for line in text.split("\n") if not line.startswith("#"))
    panel, _ = read(plain)
    assert (panel.ids, panel.calendar.name) == ([("usage",), ("idle",)], "hourly")
