"""Ids, columns and paths that hold markup, escape sequences or formulas: shown as they are, and harmless."""

import re
from pathlib import Path

import pandas as pd
import pytest

from forecaster.report.plain import show_controls
from tests.conftest import Command

MARKED = ("[red]north[/red]", "[/]", ":smile:")
DANGEROUS = "a\x1b[31mred\nline\x07\u202e"
SHOWN = r"a\x1b[31mred\nline\x07\u202e"


def write_series(path: str, ids: tuple[str, ...], *, column: str = "y") -> None:
    """Twelve months of each series."""
    dates = [f"2023-{month:02d}-01" for month in range(1, 13)]
    rows = [(name, date, 10 + number) for name in ids for number, date in enumerate(dates)]
    pd.DataFrame(rows, columns=["id", "date", column]).to_csv(path, index=False)


@pytest.mark.parametrize("name", MARKED)
def test_markup_in_an_id_is_shown_as_it_is(forecast: Command, name: str) -> None:
    write_series("[bold].csv", (name,), column="[/]")
    for words in (("predict",), ("inspect", "base")):
        outcome = forecast(*words, "[bold].csv")
        assert outcome.code == 0, outcome.stderr
        assert re.search(rf"^ *{re.escape(name)}(: | *$)", outcome.stderr, re.MULTILINE)
        assert "[bold].csv: 12 rows" in outcome.stderr
        assert "target '[/]'" in outcome.stderr


def test_a_model_folder_may_be_called_like_markup(forecast: Command, trained: Path) -> None:
    Path("[").mkdir()  # the name is a path of two parts
    Path("[/red]").symlink_to(trained / "model")
    outcome = forecast("inspect", "[/red]")
    assert outcome.code == 0, outcome.stderr
    assert "[/red]" in outcome.stderr


@pytest.mark.parametrize("words", [("predict",), ("inspect", "base"), ("evaluate", "--horizon", "2")])
def test_control_characters_do_not_reach_the_terminal(forecast: Command, words: tuple[str, ...]) -> None:
    write_series("dangerous.csv", (DANGEROUS,))
    outcome = forecast(*words, "dangerous.csv")
    assert outcome.code == 0
    assert (SHOWN in outcome.stderr) == (words != ("evaluate", "--horizon", "2"))
    assert not {"\x1b", "\x07", "\u202e"} & set(outcome.stderr)
    if words == ("predict",):
        assert pd.read_csv("forecasts.csv")["id"].unique().tolist() == [DANGEROUS]


def test_an_error_message_holds_no_control_characters(forecast: Command) -> None:
    outcome = forecast("predict", "no\x1b[31m\nfile.csv")
    assert outcome.code == 66
    assert outcome.stderr.startswith(r"error: no\x1b[31m\nfile.csv: no such file.")
    assert "\x1b" not in outcome.stderr


def test_letters_of_all_scripts_are_no_control_characters() -> None:
    for text in ("Zürich", "上海", "می‌خواهم", "👩‍🚀", "a  b", "⠀⠒ ━┃", r"C:\new"):
        assert show_controls(text) == text


FORMULAS = ("=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=1", "plain", "a=b")
QUOTED = ("'=cmd|' /C calc'!A0", "'+1", "'-2", "'@SUM(A1)", "'\t=1", "plain", "a=b")


@pytest.mark.parametrize(("words", "expected"), [((), FORMULAS), (("--quote-formulas",), QUOTED)])
def test_ids_that_are_formulas_are_quoted_when_asked(
    forecast: Command, words: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    write_series("formulas.csv", FORMULAS)
    assert forecast("predict", "formulas.csv", *words).code == 0
    table = pd.read_csv("forecasts.csv", dtype={"id": str})
    assert table["id"].unique().tolist() == list(expected)
    assert len(table) == 6 * len(FORMULAS)


def test_names_of_columns_that_are_formulas_are_quoted_too(forecast: Command) -> None:
    Path("names.csv").write_text("=A1,y\n" + "".join(f"2024-01-{day:02d},{day}\n" for day in range(1, 20)))
    assert forecast("predict", "names.csv", "--quote-formulas").code == 0
    assert pd.read_csv("forecasts.csv").columns[0] == "'=A1"
