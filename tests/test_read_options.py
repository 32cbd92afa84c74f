"""Options for reading the input: declared once, accepted by all commands, remembered by a model."""

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from forecaster.data.read_options import ReadOptions, RememberedOptions
from forecaster.errors import DataError, UsageError
from tests.conftest import Command

ALL = ReadOptions(
    ids=("shop", "city"),
    time="when",
    target="sales",
    wide=False,
    frequency="MS",
    date_format="%Y",
    timezone="Europe/Berlin",
    encoding="latin-1",
    duplicates="sum",
    closed="zero",
    fill=0.0,
    known=("price", "promo"),
    past=("weather",),
    static=("region", "size"),
    categories=("region", "promo"),
    calendar=("month-edges", "year-turn"),
    holidays=("US", "DE-BY"),
    totals=True,
    running_totals=False,
    decimal=",",
    missing=("-999", "?"),
    header=True,
    aggregate="max",
    sheet="Sales",
    skip_lines=4,
)
FLAGS = """--id shop --id city --time when --target sales --long --freq MS --date-format %Y --timezone Europe/Berlin
--encoding latin-1 --duplicates sum --closed zero --fill 0 --totals --decimal , --missing -999 --missing ?
--header --aggregate max --sheet Sales --skip-lines 4 --known price --known promo --past weather
--static region --static size --categories region --categories promo --calendar month-edges --calendar year-turn
--holidays US --holidays DE-BY --no-running-totals"""
VARIABLES = {
    "ID": "shop city",
    "TIME": "when",
    "TARGET": "sales",
    "WIDE": "0",
    "FREQ": "MS",
    "DATE_FORMAT": "%Y",
    "TIMEZONE": "Europe/Berlin",
    "ENCODING": "latin-1",
    "DUPLICATES": "sum",
    "CLOSED": "zero",
    "FILL": "0",
    "TOTALS": "1",
    "RUNNING_TOTALS": "0",
    "DECIMAL": ",",
    "MISSING": "-999 ?",
    "HEADER": "1",
    "AGGREGATE": "max",
    "KNOWN": "price promo",
    "PAST": "weather",
    "STATIC": "region size",
    "CATEGORIES": "region promo",
    "CALENDAR": "month-edges year-turn",
    "HOLIDAYS": "US DE-BY",
    "SHEET": "Sales",
    "SKIP_LINES": "4",
}
KEYS = """id = ["shop", "city"]
time = "when"
target = "sales"
wide = false
freq = "MS"
date-format = "%Y"
timezone = "Europe/Berlin"
encoding = "latin-1"
duplicates = "sum"
closed = "zero"
fill = 0
totals = true
running-totals = false
decimal = ","
missing = ["-999", "?"]
header = true
aggregate = "max"
known = ["price", "promo"]
past = ["weather"]
static = ["region", "size"]
categories = ["region", "promo"]
calendar = ["month-edges", "year-turn"]
holidays = ["US", "DE-BY"]
sheet = "Sales"
skip-lines = 4
"""


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[ReadOptions]:
    """What the input was to be read with; it is not read."""
    found: list[ReadOptions] = []

    def read_nothing(data: str, *, options: ReadOptions, future: str | None) -> NoReturn:
        assert future is None
        found.append(options)
        raise DataError(f"{data} is not read here.")

    monkeypatch.setattr("forecaster.library.inputs.read_panel", read_nothing)
    return found


@pytest.mark.parametrize("command", ["train", "evaluate", "predict", "inspect base"])
@pytest.mark.parametrize("given", ["flags", "environment", "settings file", "nothing"])
def test_every_command_takes_every_option(
    forecast: Command,
    monthly_csv: Path,
    monkeypatch: pytest.MonkeyPatch,
    used: list[ReadOptions],
    command: str,
    given: str,
) -> None:
    if given == "environment":
        for name, value in VARIABLES.items():
            monkeypatch.setenv(f"FORECAST_{name}", value)
    if given == "settings file":
        Path("forecast.toml").write_text(KEYS)
    outcome = forecast(*command.split(), monthly_csv, *(FLAGS.split() if given == "flags" else []))
    assert outcome.code == 65, outcome.stderr
    assert used == [ReadOptions() if given == "nothing" else ALL]


def test_each_field_becomes_an_option_of_the_command_line() -> None:
    assert len(VARIABLES) == len(fields(ReadOptions))


def test_given_options_override_those_that_the_model_remembers(
    forecast: Command, trained: Path, used: list[ReadOptions]
) -> None:
    shutil.copytree(trained / "model", "model")
    card = json.loads(Path("model/model.json").read_text())
    card["source"]["read_options"] = vars(ALL)
    Path("model/model.json").write_text(json.dumps(card))
    assert forecast("predict", trained / "shops.csv").code == 65
    flags = ["--wide", "--duplicates", "refuse", "--id", "shop"]
    assert forecast("predict", trained / "shops.csv", *flags).code == 65
    # a wide table has no target column
    given: dict[str, Any] = {"wide": True, "duplicates": "refuse", "ids": ("shop",), "target": None}
    # the model uses none of the columns of --static, so that data may lack them
    remembered = RememberedOptions(**vars(ALL), dispensable=ALL.static)
    assert used == [remembered, replace(remembered, **given)]


def test_options_that_a_model_cannot_remember_are_explained(forecast: Command, trained: Path) -> None:
    shutil.copytree(trained / "model", "model")
    card = json.loads(Path("model/model.json").read_text())
    card["source"]["read_options"] = {"wide": "perhaps"}
    Path("model/model.json").write_text(json.dumps(card))
    outcome = forecast("predict", trained / "shops.csv")
    assert outcome.code == 78
    assert "'source.read_options.wide' is not true or false" in outcome.stderr


def test_a_wrong_value_in_the_settings_file_is_named_by_its_key(forecast: Command) -> None:
    Path("forecast.toml").write_text('json = "perhaps"')
    outcome = forecast("predict")
    assert outcome.code == 78
    assert "forecast.toml: json = 'perhaps': " in outcome.stderr


def test_a_single_name_or_mark_is_one_and_an_unknown_choice_is_refused() -> None:
    assert ReadOptions(missing="-999", ids="shop") == ReadOptions(missing=("-999",), ids=("shop",))  # type: ignore[arg-type]
    for name, given in {"closed": "Zero", "aggregate": "median", "decimal": ";", "duplicates": "min"}.items():
        with pytest.raises(UsageError, match=f"{name} {given!r}: not one of"):
            ReadOptions(**{name: given})  # type: ignore[arg-type]
