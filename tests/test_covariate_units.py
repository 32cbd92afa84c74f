"""Covariates in per cent, through the whole of `predict`: the data and their future in the same unit, or refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from forecaster.errors import DataError
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

WORDS = ("--target", "sales", "--known", "rebate", "--horizon", HORIZON)
Table = pd.DataFrame
FORMS = ("text", "shown", "share")
"""20% as in a CSV file, 0.2 that a spreadsheet shows as 20 %, and 0.2 alone."""


def write(table: Table, path: str, *, form: str) -> str:
    """Write `table` with its rebate in a form; numbers of other columns have no format."""
    rebate = [f"{20 * promo}%" if form == "text" else 0.2 * promo for promo in table["promo"]]
    table = table.assign(rebate=rebate).drop(columns="promo")
    if not path.endswith("xlsx"):
        table.to_csv(path, index=False)
        return path
    with pd.ExcelWriter(path) as writer:
        table.to_excel(writer, index=False)
        if form == "shown":
            place = [*table].index("rebate")
            for row in writer.sheets["Sheet1"].iter_rows(min_row=2):
                row[place].number_format = "0.0%" if row[0].row % 2 else "0%"
    return path


def split(seed: int = 0) -> tuple[Table, Table]:
    table = make_shop(seed=seed)
    return table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")


@pytest.mark.parametrize(
    ("data", "future"),
    [
        (("data.csv", "text"), ("future.xlsx", "shown")),
        (("data.xlsx", "shown"), ("future.csv", "text")),
        (("data.xlsx", "shown"), ("future.xlsx", "shown")),
        (("data.xlsx", "shown"), ("future.csv", "share")),
        (("data.csv", "share"), ("future.xlsx", "shown")),
        (("data.csv", "text"), ("future.csv", "text")),
        (("data.xlsx", "text"), ("future.xlsx", "shown")),
    ],
)
def test_per_cent_of_either_kind_is_the_same(forecast: Command, data: tuple[str, str], future: tuple[str, str]) -> None:
    past, later = split()
    usual = (write(past, "usual.csv", form="share"), write(later, "later.csv", form="share"))
    expected = forecast("predict", usual[0], *WORDS, "--future", usual[1], "-o", "expected.csv", "--digits", "full")
    assert expected.code == 0, expected.stderr
    names = (write(past, data[0], form=data[1]), write(later, future[0], form=future[1]))
    found = forecast("predict", names[0], *WORDS, "--future", names[1], "-o", "found.csv", "--digits", "full")
    assert found.code == 0, found.stderr
    same = pd.read_csv("found.csv")["forecast"], pd.read_csv("expected.csv")["forecast"]
    pd.testing.assert_series_equal(*same, rtol=1e-6)
    assert "far beyond" not in found.stderr


@pytest.mark.parametrize(
    ("data", "future"),
    [
        (("data.csv", "text"), ("future.csv", "share")),
        (("data.csv", "share"), ("future.csv", "text")),
        (("data.csv", "text"), ("future.xlsx", "share")),
        (("data.xlsx", "share"), ("future.csv", "text")),
    ],
)
def test_per_cent_in_one_of_them_only_is_asked_for(
    forecast: Command, data: tuple[str, str], future: tuple[str, str]
) -> None:
    past, later = split()
    names = (write(past, data[0], form=data[1]), write(later, future[0], form=future[1]))
    refused = forecast("predict", names[0], *WORDS, "--future", names[1], "-o", "out.csv")
    assert refused.code == 65
    assert f"{future[0]}, column 'rebate': " in refused.stderr
    assert "different units" in refused.stderr
    assert not Path("out.csv").exists()


def test_numbers_that_are_not_shown_as_per_cent_are_refused_where_they_are_of_another_size(forecast: Command) -> None:
    past, later = split()
    past.assign(rebate=20 * past["promo"]).to_csv("data.csv", index=False)
    write(later, "future.xlsx", form="shown")
    refused = forecast("predict", "data.csv", *WORDS, "--future", "future.xlsx", "-o", "out.csv")
    assert refused.code == 65
    assert "only those of future.xlsx are shown as per cent" in refused.stderr
    # the remedy
    write(past, "data.csv", form="text")
    assert forecast("predict", "data.csv", *WORDS, "--future", "future.xlsx", "-o", "out.csv").code == 0


@pytest.mark.parametrize("other", ["0.2", "20 €"])
def test_two_units_in_one_column_are_refused(forecast: Command, other: str) -> None:
    past, later = split()
    write(past, "data.csv", form="text")
    text = Path("data.csv").read_text()
    Path("data.csv").write_text(text.replace(",20%", f",{other}", 1))
    write(later, "future.csv", form="text")
    for words in (("--future", "future.csv"), ("--future-fill", "last")):
        refused = forecast("predict", "data.csv", *WORDS, *words, "-o", "out.csv")
        assert refused.code == 65
        assert "'rebate'" in refused.stderr
        assert "different units" in refused.stderr
        assert repr(other) in refused.stderr


def test_frames_are_compared_as_files_are() -> None:
    past, later = split()
    texts = [f"{20 * promo}%" for promo in past["promo"]]
    reading = ReadOptions(target="sales", known=("rebate",))
    with pytest.raises(DataError, match=r"the future frame, column 'rebate': '0\.2' and, in the data, '20%'"):
        forecaster.predict(
            past.assign(rebate=texts),
            horizon=HORIZON,
            future=later.assign(rebate=0.2 * later["promo"]),
            reading=reading,
        )


@pytest.mark.parametrize("shown", ['0.0"%"', "0.0\\%", '"% of all: "0.0'])
def test_a_sign_that_only_stands_beside_a_number_does_not_scale_it(forecast: Command, shown: str) -> None:
    past, later = split()
    write(past, "data.csv", form="text")
    with pd.ExcelWriter("future.xlsx") as writer:
        later.assign(rebate=20.0 * later["promo"]).drop(columns="promo").to_excel(writer, index=False)
        place = [*later.assign(rebate=0).drop(columns="promo")].index("rebate")
        for row in writer.sheets["Sheet1"].iter_rows(min_row=2):
            row[place].number_format = shown
    refused = forecast("predict", "data.csv", *WORDS, "--future", "future.xlsx", "-o", "found.csv")
    assert refused.code == 65
    assert "different units" in refused.stderr
    # a file with the same numbers and no format
    past.assign(rebate=20.0 * past["promo"]).to_csv("data.csv", index=False)
    later.assign(rebate=20.0 * later["promo"]).to_csv("future.csv", index=False)
    for name in ("future.xlsx", "future.csv"):
        found = forecast("predict", "data.csv", *WORDS, "--future", name, "-o", f"{name}.out.csv", "--digits", "full")
        assert found.code == 0, found.stderr
    np.testing.assert_allclose(
        pd.read_csv("future.xlsx.out.csv")["forecast"], pd.read_csv("future.csv.out.csv")["forecast"], rtol=1e-9
    )


@pytest.mark.parametrize("mark", [".", ","])
def test_a_template_has_the_unit_of_the_data(forecast: Command, mark: str) -> None:
    past, later = split()
    later = later.assign(rebate=[f"{12.5 * promo:g}%".replace(".", mark) for promo in later["promo"]])
    past = past.assign(rebate=[f"{12.5 * promo:g}%".replace(".", mark) for promo in past["promo"]])
    past.to_csv("data.csv", index=False, sep=";", decimal=mark)
    pd.concat([past, later]).to_csv("both.csv", index=False, sep=";", decimal=mark)
    assert forecast("template", "both.csv", *WORDS, "-o", "future.csv").code == 0
    assert f"12{mark}5%" in Path("future.csv").read_text()
    found = forecast("predict", "data.csv", *WORDS, "--future", "future.csv", "-o", "-")
    assert found.code == 0, found.stderr
    assert found.stdout == forecast("predict", "both.csv", *WORDS, "-o", "-").stdout


@pytest.mark.parametrize("unit", [" °C", "kWh", " mm/h"])
def test_numbers_with_a_unit_are_numbers(forecast: Command, unit: str) -> None:
    data, future = split()
    degrees = np.random.default_rng(1).normal(10, 6, len(data) + len(future)).round(1) + 20 * (
        pd.concat([data, future])["promo"].to_numpy()
    )
    expected, found = list[str](), list[str]()
    for outputs, end in ((expected, ""), (found, unit)):
        written = np.array([f"{value}{end}" for value in degrees], object)
        written[5] = "n/a"
        data.assign(warmth=written[: len(data)]).to_csv("data.csv", index=False)
        future.assign(warmth=written[len(data) :]).to_csv("future.csv", index=False)
        words = ("predict", "data.csv", "--target", "sales", "--known", "warmth", "--horizon", HORIZON)
        outcome = forecast(*words, "--future", "future.csv", "-o", "-")
        assert outcome.code == 0, outcome.stderr
        outputs.append(outcome.stdout)
    assert expected == found
    # in one unit only
    written[8] = "3.5 other"
    data.assign(warmth=written[: len(data)]).to_csv("data.csv", index=False)
    outcome = forecast(*words, "--future", "future.csv", "-o", "-")
    assert outcome.code == 65
    assert "as numbers alone." in outcome.stderr


def test_of_many_columns_the_first_are_named(forecast: Command) -> None:
    data = split()[0]
    noise = np.random.default_rng(1).normal(size=(len(data), 60))
    pd.concat([data, pd.DataFrame(noise, data.index).add_prefix("c")], axis=1).to_csv("data.csv", index=False)
    past = ",".join(f"c{number}" for number in range(30))
    outcome = forecast("predict", "data.csv", "--target", "sales", "--past", past, "--horizon", 2, "-o", "-")
    assert outcome.code == 0
    assert "by the past of c0, c1, c2" in outcome.stderr
    assert "c18, c19 and 10 more; not used: promo, c30" in outcome.stderr
    assert "c48 and 11 more (--known" in outcome.stderr
