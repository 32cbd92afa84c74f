"""The list of slow tests, which `make test` leaves out: it names tests that exist, and is made of what they took."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.slow_tests import LISTED, ROOT, find_slow
from tests import conftest


def test_what_is_listed_exists_and_most_tests_are_not() -> None:
    listed = LISTED.read_text().split()
    found = {name for path in (ROOT / "tests").glob("test_*.py") for name in list_tests(path)}
    assert {*listed} - found == set(), "run `make slow-tests`, or correct the names"
    assert len(listed) < len(found) / 3
    assert listed == sorted({*listed})


def list_tests(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"tests/{path.name}::{node.name}"


def test_listed_tests_are_marked(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = request.node
    for listed, is_slow in (("tests/test_other.py::test_one", False), (item.nodeid, True)):
        (tmp_path / "slow.txt").write_text(f"{listed}\n")
        monkeypatch.setattr(conftest, "SLOW_TESTS", tmp_path / "slow.txt")
        conftest.pytest_collection_modifyitems([item])
        assert (item.get_closest_marker("slow") is not None) == is_slow


def test_a_test_takes_the_mean_of_its_sets_of_parameters() -> None:
    lines = [
        "0.500 tests/test_a.py::test_one[x y]",
        "0.200 tests/test_a.py::test_one[z]",
        "0.100 tests/test_a.py::test_b",
    ]
    assert find_slow(lines) == ["tests/test_a.py::test_one"]
    assert find_slow([*lines, "0.100 tests/test_a.py::test_one[a]"]) == []
