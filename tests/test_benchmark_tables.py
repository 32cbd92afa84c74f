"""The README's tables are those that one command prints from the results, with what others have published."""

from pathlib import Path

import pytest

from benchmarks.published import PUBLISHED
from benchmarks.tables import MEASUREMENTS, make_tables, measure_all

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


def test_measuring_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    ran: list[tuple[str, ...]] = []

    def run(measurement: tuple[str, ...]) -> None:
        if len(ran) == 3:
            ran.append(measurement)
            raise KeyboardInterrupt
        ran.append(measurement)

    measured = tmp_path / "tables.json"
    with pytest.raises(KeyboardInterrupt):
        measure_all(resume=False, run=run, measured=measured)
    measure_all(resume=True, run=run, measured=measured)
    assert ran == [*MEASUREMENTS[:4], *MEASUREMENTS[3:]]  # the one that was stopped is not taken for done
    measure_all(resume=True, run=run, measured=measured)
    assert len(ran) == len(MEASUREMENTS) + 1
    measure_all(resume=False, run=run, measured=measured)
    assert len(ran) == 2 * len(MEASUREMENTS) + 1
