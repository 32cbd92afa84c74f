"""The README's tables are those that one command prints from the results, with what others have published."""

from pathlib import Path

import pytest

from benchmarks.published import PUBLISHED
from benchmarks.tables import make_tables

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.parametrize("number", range(3))
def test_the_readme_has_the_table(number: int) -> None:
    missing = [line for line in make_tables()[number].splitlines() if line not in README.splitlines()]
    assert missing == []


def test_published_figures_stand_best_first() -> None:
    for one in PUBLISHED:
        firsts = [values[0] for values in one.figures.values()]
        assert firsts == sorted(firsts), one.label
        assert all(len(values) <= len(one.metrics) for values in one.figures.values())
