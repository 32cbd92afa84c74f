"""The forecasts that docs/covariates.md shows are those that its commands make."""

import io
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "covariates.md").read_text()
SHOWN = re.findall(r"^\$ forecast (predict \S+\.csv .*-o -)\n((?:\w+,forecast.*\n)(?:\d.*\n)+)", TEXT, re.M)
FUTURE = re.findall(r"^\$ cat (week3\.csv)\n((?:.+\n)+?)(?=\$)", TEXT, re.M)


@pytest.fixture
def files() -> None:
    """The files of the page, and both of its plans."""
    for path in (DOCS / "covariates").glob("*.csv"):
        shutil.copy(path, path.name)
    ((name, text),) = FUTURE
    Path(name).write_text(text)
    Path("quiet.csv").write_text(text.replace("yes", "no"))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("number", range(3))
def test_the_forecasts_shown_are_those_made(forecast: Command, number: int) -> None:
    assert len(SHOWN) == 3
    words, text = SHOWN[number]
    outcome = forecast(*shlex.split(words))
    assert outcome.code == 0, outcome.stderr
    found, shown = (pd.read_csv(io.StringIO(table), index_col=0) for table in (outcome.stdout, text))
    assert found.index.equals(shown.index)
    # another machine may round otherwise
    np.testing.assert_allclose(found, shown, rtol=2e-3)


def test_the_difference_of_both_plans_is_what_the_page_says() -> None:
    quiet, week = (pd.read_csv(io.StringIO(text), index_col=0)["forecast"] for _, text in SHOWN[:2])
    added = (week - quiet).round()
    said = re.search(r"expected to add: (\d+) in its week, and nothing in the others", TEXT)
    assert said is not None
    assert list(added) == [0, 0, float(said[1]), 0]
