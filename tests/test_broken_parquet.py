"""Parquet files that were cut off, or are none, are refused by name, and never stop or break the reading."""

import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import fastparquet
import numpy as np
import pytest

from forecaster.data.files.parquet_pages import check_texts
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests import parts
from tests.conftest import Command
from tests.test_bad_input import refuse
from tests.test_parquet import FILES, WORDS, make_table, write


@pytest.mark.parametrize("size", [4, 300, -1, -400])
def test_a_broken_file_is_named(forecast: Command, size: int) -> None:
    Path("parts").mkdir()
    write(make_table(), "parts/good.parquet")
    content = Path("parts/good.parquet").read_bytes()
    Path("parts/torn.parquet").write_bytes(content[:size])
    says = ["parts/torn.parquet: the Parquet file cannot be read", "copy it again"]
    for names in (["parts/torn.parquet"], ["parts"]):
        refuse(forecast, "predict", *names, *WORDS, code=65, says=says)


@pytest.mark.parametrize("compression", ["snappy", "gzip"])
def test_a_file_with_damage_within_its_pages_is_named_in_parts_as_well(
    forecast: Command, compression: Literal["snappy", "gzip"]
) -> None:
    Path("data").mkdir()
    table = parts.make_table()
    for name, rows in (("a", table[:600]), ("b", table[600:900]), ("c", table[900:])):
        rows.to_parquet(f"data/{name}.parquet", engine="fastparquet", compression=compression, index=False)
    content = bytearray(Path("data/b.parquet").read_bytes())
    third = slice(len(content) // 3, len(content) // 3 + 40)
    content[third] = bytes(255 - byte for byte in content[third])
    Path("data/b.parquet").write_bytes(content)
    says = ["data/b.parquet: the Parquet file cannot be read", "copy it again"]
    for name in ("data", "data/b.parquet"):
        refuse(forecast, "predict", name, code=65, says=says)
        in_parts = [*says, "(some of its values are damaged)"]
        refuse(forecast, "predict", name, "-o", "out", "--max-memory=1GB", code=65, says=in_parts, decides=True)


@pytest.mark.parametrize("version", [1, 2])
def test_bytes_that_differ_from_their_checksum_are_named_in_one_go_and_in_parts(
    forecast: Command, version: int
) -> None:
    content = bytearray((FILES / f"arrow_checksums_{version}.parquet").read_bytes())
    Path("data.parquet").write_bytes(content)
    parts_words = ["--id=shop", "-o", "out", "--max-memory=1GB"]
    assert forecast("predict", "data.parquet", *WORDS).code == 0
    assert forecast("predict", "data.parquet", *parts_words).code == 0
    shutil.rmtree("out")
    value = content.index(struct.pack("<d", make_table()["sales"].iloc[9]))  # neither compressed nor in a dictionary
    content[value + 5] ^= 1
    Path("data.parquet").write_bytes(content)
    says = ["data.parquet: the Parquet file cannot be read (bytes of the column 'sales'", "checksum", "copy it again"]
    refuse(forecast, "predict", "data.parquet", *WORDS, code=65, says=says)
    refuse(forecast, "predict", "data.parquet", *parts_words, code=65, says=says, decides=True)


@pytest.mark.parametrize("number", [0, 1])
def test_an_empty_file_among_others_is_named_and_moving_it_helps(forecast: Command, number: int) -> None:
    Path("parts").mkdir()
    empty, table = Path(f"parts/{number}.parquet"), make_table()
    write(table[:40], f"parts/{1 - number}.parquet")
    write(table[40:], "parts/2.parquet")
    empty.write_bytes(b"")
    says = [f"parts/{number}.parquet: the file is empty", "Write it again", "move it elsewhere"]
    for names in (["parts"], ["parts/*.parquet"]):
        refuse(forecast, "predict", *names, *WORDS, code=65, says=says)
        refuse(
            forecast,
            "predict",
            *names,
            "--id",
            "shop",
            "-o",
            "out",
            "--max-memory=1GB",
            code=65,
            says=says,
            decides=True,
        )
        assert f"parts/{number}.parquet: the file is empty" in forecast("check", *names, "--json").stdout
    Path("parts/3.parquet").write_bytes(b"")
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=["1 more file is, too"])
    Path("parts/3.parquet").unlink()
    empty.rename("empty")
    assert forecast("predict", "parts", *WORDS).code == 0


def test_text_with_the_name_of_parquet_is_not_said_to_be_left_out_by_a_pattern(forecast: Command) -> None:
    Path("parts").mkdir()
    write(make_table(), "parts/0.parquet")
    make_table().to_csv("parts/1.parquet", index=False)
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=["parts/1.parquet: the name ends in"])
    Path("parts/1.parquet").rename("parts/1.csv")
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=["such as 'parts/*.parquet'."])
    assert forecast("predict", "parts/*.parquet", *WORDS).code == 0


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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "snappy", "pandas_dates"])
def test_changed_bytes_in_pages_do_not_end_the_program(name: str) -> None:
    path = Path(__file__).parent / "parquet_files" / f"{name}.parquet"
    if name in ("plain", "snappy"):
        path = Path("whole.parquet")
        compression: Any = None if name == "plain" else name
        fastparquet.write(path, make_table(), compression=compression, write_index=False)
    whole = path.read_bytes()
    pages = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    generator = np.random.default_rng(5)
    names = [f"{number}.parquet" for number in range(80)]
    for broken in names:
        changed = bytearray(whole)
        for place in generator.integers(4, pages, generator.integers(1, 4)):
            changed[place] = generator.integers(256)
        Path(broken).write_bytes(bytes(changed))
    words = [sys.executable, "-c", READER, *names]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


@pytest.mark.parametrize("length", [-1, 0, 3, 2**31 - 1])
def test_a_text_of_another_length_than_its_page_has_room_for_is_refused(length: int) -> None:
    fastparquet.write("data.parquet", make_table().assign(shop="north"), write_index=False)
    whole = Path("data.parquet").read_bytes()
    text = (5).to_bytes(4, "little") + b"north"
    assert whole.count(text) > 30
    place = [found.start() for found in re.finditer(re.escape(text), whole)][30]  # beyond the first ones of one length
    Path("data.parquet").write_bytes(whole[:place] + length.to_bytes(4, "little", signed=True) + whole[place + 4 :])
    with pytest.raises(DataError, match=r"data.parquet: the Parquet file cannot be read \(a text is longer"):
        read_panel("data.parquet")


def test_texts_of_many_lengths_are_checked_as_far_as_they_are_read() -> None:
    generator = np.random.default_rng(6)
    texts = [text for size in generator.integers(0, 9, 60) for text in [b"x" * size] * int(generator.integers(1, 90))]
    page = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    for count in (0, 1, len(texts), len(texts) + 5):
        check_texts(page, count)
    for cut in (1, 4):
        with pytest.raises(DataError, match="a text is longer than its page"):
            check_texts(page + b"\x07\0\0\0"[:cut], len(texts) + 1)
