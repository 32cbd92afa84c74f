"""Parquet files that were cut off, or are none, are refused by name, and never stop or break the reading."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_bad_input import refuse
from tests.test_parquet import WORDS, make_table, write


@pytest.mark.parametrize("size", [4, 300, -1, -400])
def test_a_broken_file_is_named(forecast: Command, size: int) -> None:
    Path("parts").mkdir()
    write(make_table(), "parts/good.parquet")
    content = Path("parts/good.parquet").read_bytes()
    Path("parts/torn.parquet").write_bytes(content[:size])
    says = ["parts/torn.parquet: the Parquet file cannot be read", "copy it again"]
    for names in (["parts/torn.parquet"], ["parts"]):
        refuse(forecast, "predict", *names, *WORDS, code=65, says=says)


READER = """
import sys
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
for path in sys.argv[1:]:
    try:
        read_panel(path)
    except DataError as error:
        assert path in str(error)
print("done")
"""


def test_cut_and_random_bytes_neither_stop_nor_break_the_reading() -> None:
    write(make_table(), "whole.parquet")
    whole = Path("whole.parquet").read_bytes()
    end = len(whole) - 8
    generator = np.random.default_rng(4)
    for number in range(60):
        kept, changed = whole[: generator.integers(4, end)], bytearray(whole)
        changed[end:-4] = generator.bytes(4)
        noise = b"PAR1" + generator.bytes(int(generator.integers(400))) + b"PAR1"
        content = (kept, kept + whole[end:], bytes(changed), noise)[number % 4]
        Path(f"{number}.parquet").write_bytes(content)
    # in a process of its own, as the decoders are not written in Python
    names = [f"{number}.parquet" for number in range(60)]
    words = [sys.executable, "-c", READER, *names]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
    # the description may be said to be longer than the file
    Path("cut.parquet").write_bytes(whole[:end] + (len(whole)).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(DataError, match=r"cut.parquet: the Parquet file cannot be read \(its description is cut off\)"):
        read_panel("cut.parquet")
