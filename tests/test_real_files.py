"""Each of the small files of tests/files is read as tests/real_files.toml says, or refused."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError

FILES = Path(__file__).parent / "files"
LEAST = 50
TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "real_files.toml").read_text())
CASES = [(name, expected) for name, listed in TABLE.items() for expected in listed]


def show(moment: object) -> str:
    return str(moment)[:16].replace("T00:00", "")


def test_each_file_has_an_expectation() -> None:
    assert {path.name for path in FILES.iterdir()} == TABLE.keys()
    assert len(TABLE) >= LEAST
    assert all({"read", "refused"} & expected.keys() for _, expected in CASES)


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[name for name, _ in CASES])
def test_a_real_file_is_read_or_refused_as_expected(name: str, expected: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in expected.get("options", {}).items()
    }
    options = ReadOptions(**given)
    if "refused" in expected:
        with pytest.raises(DataError) as caught:
            read_panel(str(FILES / name), options=options)
        assert [words for words in expected["refused"] if words not in str(caught.value)] == [], str(caught.value)
        return
    panel, summary = read_panel(str(FILES / name), options=options)
    times = f"{show(panel.starts[0])} to {show(panel.timestamps_of(len(panel) - 1, back=1, ahead=0)[0])}"
    values = f"{panel.values[0]:.12g} to {panel.values[-1]:.12g}"
    assert f"{panel.calendar.name}; {len(panel)} series; {times}; {values}" == expected["read"]
    notes = [note.replace(f"{FILES}/", "") for note in summary.notes]
    says = expected.get("says", [])
    assert [note[: len(words)] for note, words in zip(notes, says, strict=True)] == says
