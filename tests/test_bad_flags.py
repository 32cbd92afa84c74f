"""Error messages for flags that are invalid or cannot be combined."""

from pathlib import Path

import pytest

from tests.conftest import Command
from tests.test_bad_input import list_files, refuse

UNFIT_FLAGS = {
    "--target sale": ["--target sale", "did you mean 'sales'?"],
    "--id store": ["--id store", "there are shop, date, sales"],
    "--time sales --target sales": ["--time and --target both name the column 'sales'"],
    "--id shop --wide": ["--wide and --id shop do not go together"],
    "--id shop --freq often": ["--freq often", "YS, QS, MS, W, D, B, h or 15min"],
    "--id shop --timezone Mars/Base": ["--timezone is for timestamps that carry a UTC offset"],
    "--encoding utf-99": ["--encoding utf-99", "Try utf-8"],
}


UNFIT_FORECASTS = {
    "--output table.xlsx": ["--output table.xlsx", ".csv, .csv.gz, .parquet, .json"],
    "--level 100": ["--level 100", "below 100"],
    "--level many": ["--level many", "such as 80,95"],
    "--level 99.9": ["--level 99.9", "the model knows levels up to 99 only"],
    "--quantiles 1.5": ["--quantiles 1.5", "between 0 and 1"],
    "--season 6": ["--season 6", "the model learned a season of 12"],
}


@pytest.mark.parametrize(("flags", "says"), UNFIT_FLAGS.items(), ids=UNFIT_FLAGS)
def test_flags_that_do_not_fit_the_data_are_usage_errors(
    forecast: Command, monthly_csv: Path, flags: str, says: list[str]
) -> None:
    refuse(forecast, "train", monthly_csv, *flags.split(), code=2, says=says)


@pytest.mark.parametrize(("flags", "says"), UNFIT_FORECASTS.items(), ids=UNFIT_FORECASTS)
def test_forecasts_that_no_model_gives_are_usage_errors(
    forecast: Command, trained: Path, flags: str, says: list[str]
) -> None:
    words: list[str | Path] = ["predict", trained / "shops.csv", "--model", trained / "model", *flags.split()]
    refuse(forecast, *words, code=2, says=says, decides=True)


@pytest.mark.parametrize("command", ["train", "predict", "evaluate"])
def test_a_season_that_the_data_cannot_show_is_refused(forecast: Command, monthly_csv: Path, command: str) -> None:
    words: list[str | Path] = [command, monthly_csv, "--id", "shop", "--season", "37"]
    says = ["--season 37", "74 steps", "the longest series has 72", "Give more history"]
    refuse(forecast, *words, code=2, says=says, decides=True)


def test_scores_of_a_model_cannot_use_another_season(forecast: Command, trained: Path) -> None:
    words: list[str | Path] = ["evaluate", "--model", trained / "model", "--season", "6"]
    refuse(forecast, *words, code=2, says=["the model learned a season of 12"], decides=True)
    assert forecast("evaluate", "--model", trained / "model", "--season", "12").code == 0


@pytest.mark.parametrize(
    "flags", ["--duplicates often", "--horizon 0", "--horizon few", "--horizon 3000000", "--horizn 3"]
)
def test_a_value_that_a_flag_cannot_take_is_a_usage_error(forecast: Command, monthly_csv: Path, flags: str) -> None:
    before = list_files()
    outcome = forecast("train", monthly_csv, *flags.split())
    assert (outcome.code, outcome.stdout) == (2, "")
    assert flags.split()[0] in outcome.stderr.splitlines()[-1]
    assert "Traceback" not in outcome.stderr
    assert list_files() == before


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("predict a.csv --horizon few", "'few' is not a whole number."),
        ("predict a.csv --horizon 1.5", "'1.5' is not a whole number."),
        ("predict a.csv --horizon 0", "0 is less than 1."),
        ("predict a.csv --horizon 3000000", "3000000 is more than 100,000."),
        ("predict a.csv --min low", "'low' is not a number."),
        ("predict a.csv --future-fill avg", "'avg' is not one of 'last', 'seasonal', 'mean', 'zero'."),
    ],
)
def test_a_value_that_a_flag_cannot_take_is_explained_plainly(forecast: Command, words: str, reason: str) -> None:
    flag = words.split()[2]
    (line,) = (line for line in forecast(*words.split()).stderr.splitlines() if "Invalid value" in line)
    assert f"for '{flag}'" in line
    assert line.endswith(f": {reason}")
