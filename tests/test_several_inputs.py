"""Several DATA, as a shell's own expansion of a glob gives them, and pipes, which can be read only once."""

import gzip
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest

import forecaster
from forecaster.errors import UsageError
from forecaster.library.inputs import STREAM, list_locations
from tests.conftest import Command, make_monthly
from tests.redirection import make_pipe, take_stdin
from tests.test_bad_input import refuse

WORDS = ["--id", "shop", "-o", "out.csv"]
SHOPS = forecaster.ReadOptions(ids=("shop",))


@pytest.fixture
def parts() -> list[str]:
    """A file for each of four series, and their names."""
    Path("parts").mkdir()
    for name, part in make_monthly().groupby("shop"):
        part.to_csv(f"parts/{name}.csv", index=False)
    return [f"parts/s{number}.csv" for number in range(4)]


def read_output(path: str = "out.csv") -> str:
    """The text of the forecasts, which are removed."""
    text = Path(path).read_text()
    Path(path).unlink()
    return text


def fill(pipe: str, content: bytes) -> None:
    """Write `content` into a new pipe as soon as somebody reads it."""
    os.mkfifo(pipe)
    threading.Thread(target=Path(pipe).write_bytes, args=(content,), daemon=True).start()


def run_in_bash(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `forecast` is the program."""
    command = f'forecast() {{ "{sys.executable}" -m forecaster "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)


def test_several_files_are_read_as_their_folder_and_their_glob(forecast: Command, parts: list[str]) -> None:
    assert forecast("predict", "parts", *WORDS).code == 0
    expected = read_output()
    assert expected.count("\n") == 49
    for words in (["parts/*.csv", *WORDS], [*parts, *WORDS], [*parts[:2], *WORDS, *parts[2:]], [*WORDS, *parts]):
        outcome = forecast("predict", *words)
        assert outcome.code == 0, outcome.stderr
        assert read_output() == expected
    assert "parts/s0.csv, parts/s1.csv, parts/s2.csv and 1 more: 288 rows, 4 series" in outcome.stderr


@pytest.mark.usefixtures("monthly_csv")
def test_files_are_read_in_the_order_in_which_they_are_named(forecast: Command) -> None:
    corrected = make_monthly().assign(sales=1.0)
    corrected.to_csv("corrections.csv", index=False)
    for names, is_corrected in ((["shops.csv", "corrections.csv"], True), (["corrections.csv", "shops.csv"], False)):
        outcome = forecast("predict", *names, *WORDS, "--duplicates", "last")
        assert outcome.code == 0, outcome.stderr
        assert (pd.read_csv("out.csv")["forecast"] == 1).all() == is_corrected


def test_folders_and_globs_may_be_several_too(forecast: Command, parts: list[str]) -> None:
    for name in ("north", "south"):
        Path(name).mkdir()
    for number, part in enumerate(parts):
        Path(part).rename(Path("north" if number < 2 else "south") / Path(part).name)
    assert forecast("predict", "north", "south", *WORDS).code == 0
    expected = read_output()
    assert expected.count("\n") == 49
    assert forecast("predict", "north/*.csv", "south/*.csv", *WORDS).code == 0
    assert read_output() == expected


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["parts/s0.csv", "parts/s0.csv"], 2, "parts/s0.csv is named twice and would count twice"),
        (["parts/s0.csv", "parts/../parts/s0.csv"], 2, "is named twice, also as parts/s0.csv,"),
        (["parts/s1.csv", "link.csv"], 2, "link.csv is named twice, also as parts/s1.csv,"),
        (["parts/*.csv", "parts/s[01].csv"], 2, "parts/s0.csv is named twice"),
        (["parts/s0.csv", "none.csv", "parts/s1.csv"], 66, "none.csv: no such file"),
        (["parts/s0.csv", "-"], 2, "- is stdin, which is not read together with files"),
        (["parts", "link.csv"], 2, "parts is a folder, and link.csv is not"),
        (["parts/s0.csv", "other.csv"], 65, "other.csv: no column 'shop', which the files before it have"),
    ],
)
def test_names_that_do_not_go_together_are_refused(
    forecast: Command, parts: list[str], words: list[str], code: int, says: str
) -> None:
    Path("link.csv").symlink_to(parts[1])
    make_monthly(series=1)[["date", "sales"]].to_csv("other.csv", index=False)
    refuse(forecast, "predict", *words, "--id", "shop", code=code, says=[says])


@pytest.mark.parametrize("place", [0, 3])
def test_none_of_several_files_is_overwritten(forecast: Command, parts: list[str], place: int) -> None:
    words = ["--id", "shop", "-o", parts[place]]
    refuse(forecast, "predict", *parts, *words, code=2, says=[f"would overwrite {parts[place]}"])
    words = ["--id", "shop", "--fix", parts[place]]
    refuse(forecast, "check", *parts, *words, code=2, says=[f"would overwrite {parts[place]}"])


def test_what_forecast_wrote_is_left_out_of_an_expanded_glob(forecast: Command, parts: list[str]) -> None:
    os.chdir("parts")
    names = [Path(part).name for part in parts]
    words = ["--id", "shop"]
    assert forecast("predict", *names, *words).code == 0
    before = Path("forecasts.csv").read_text()
    assert forecast("evaluate", *names, *words).code == 0
    outcome = forecast("predict", *sorted(path.name for path in Path().glob("*.csv")), *words)
    assert outcome.code == 0, outcome.stderr
    assert "  left out: backtest.csv, forecasts.csv, metrics.csv, which forecast wrote" in outcome.stderr.splitlines()
    assert Path("forecasts.csv").read_text() == before


def test_forecasts_alone_are_read_where_several_are_named(forecast: Command) -> None:
    for number in range(2):
        part = make_monthly()
        part["shop"] += str(number)
        part.to_csv("part.csv", index=False)
        assert forecast("predict", "part.csv", "--id", "shop", "--horizon", 24, "-o", f"{number}.csv").code == 0
    outcome = forecast("predict", "0.csv", "1.csv", *WORDS, "--target", "forecast")
    assert outcome.code == 0, outcome.stderr
    assert "0.csv, 1.csv: 192 rows, 8 series" in outcome.stderr


def test_a_model_remembers_all_names(forecast: Command, parts: list[str]) -> None:
    words = ["--id", "shop", "--horizon", "6", "--steps", "5", "--from-scratch", "--hidden", "4", "--context", "24"]
    assert forecast("train", *parts[:3], *words).code == 0
    expected = forecast("predict", *parts[:3], *WORDS)
    assert expected.code == 0, expected.stderr
    text = read_output()
    Path("elsewhere").mkdir()
    os.chdir("elsewhere")
    outcome = forecast("predict", "--model", "../model", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "216 rows, 3 series" in outcome.stderr
    assert read_output() == text
    assert forecast("evaluate", "--model", "../model").code == 0
    shown = " ".join(forecast("inspect", "../model", "--series", "s2").stderr.split())
    assert "parts/s2.csv" in shown
    refuse(forecast, "predict", "--model", "../model", "-o", f"../{parts[2]}", code=2, says=["would overwrite"])


def test_the_environment_and_the_settings_file_name_the_data(
    forecast: Command, parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forecast("predict", *parts, *WORDS).code == 0
    expected = read_output()
    Path("my parts").mkdir()
    make_monthly().to_csv("my parts/all.csv", index=False)
    for value in (repr(parts), "'my parts/all.csv'", "['parts']"):
        Path("forecast.toml").write_text(f"data = {value}\n")
        outcome = forecast("predict", *WORDS)
        assert outcome.code == 0, outcome.stderr
        assert read_output() == expected
    Path("forecast.toml").write_text("data = 'none.csv'\n")
    monkeypatch.setenv("FORECAST_DATA", "my parts/all.csv")  # one path, with a space
    outcome = forecast("predict", *WORDS)
    assert outcome.code == 0, outcome.stderr
    assert "my parts/all.csv: 288 rows" in outcome.stderr
    assert read_output() == expected
    assert "parts/s0.csv: 72 rows" in forecast("predict", parts[0], *WORDS).stderr


def test_the_library_takes_a_list_of_names(parts: list[str]) -> None:
    expected = forecaster.predict("parts", reading=SHOPS)
    for data in (parts, tuple(map(Path, parts))):
        pd.testing.assert_frame_equal(forecaster.predict(data, reading=SHOPS), expected)
    assert forecaster.check(parts, reading=SHOPS).facts[1] == ("series", "4")
    assert forecaster.evaluate(parts, reading=SHOPS).per_series["shop"].nunique() == 4
    for wrong in ([], [make_monthly()], ["parts/s0.csv", 3]):
        with pytest.raises(UsageError, match="a list needs to hold names of files"):
            forecaster.predict(wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_process_substitution_is_read_once(forecast: Command, monthly_csv: Path) -> None:
    assert forecast("predict", "shops.csv", *WORDS).code == 0
    expected = read_output()
    assert expected.count("\n") == 49
    content = monthly_csv.read_bytes()
    header, *rows = content.splitlines(keepends=True)
    for parts in ([content], [gzip.compress(content)], [header + b"".join(rows[:149]), header + b"".join(rows[149:])]):
        with ExitStack() as stack:
            outcome = forecast("predict", *(stack.enter_context(make_pipe(part)) for part in parts), *WORDS)
        assert outcome.code == 0, outcome.stderr
        assert read_output() == expected
    with take_stdin("shops.csv"):
        assert forecast("predict", "/dev/stdin", *WORDS).code == 0
    assert read_output() == expected
    with make_pipe(content) as name, take_stdin(int(Path(name).name)):
        assert forecast("predict", "/dev/stdin", *WORDS).code == 0
    assert read_output() == expected
    # and in a real shell
    done = run_in_bash(
        "forecast predict <(head -150 shops.csv) <(head -1 shops.csv; tail -n +151 shops.csv) --id shop -o out.csv"
    )
    assert done.returncode == 0, done.stderr
    assert read_output() == expected


def test_check_does_not_read_a_pipe_again(forecast: Command, monthly_csv: Path) -> None:
    rows = monthly_csv.read_text().splitlines()
    twice = "\n".join([*rows, rows[-1]])
    Path("twice.csv").write_text(twice)
    found = forecast("check", "twice.csv", "--id", "shop")
    assert (found.code, "E002" in found.stderr) == (65, True), found.stderr
    with make_pipe(twice.encode()) as name:
        found = forecast("check", name, "--id", "shop")
    assert (found.code, "E001" in found.stderr, "is there already" in found.stderr) == (65, True, True)
    with make_pipe(twice.encode()) as name:
        found = forecast("check", name, "--id", "shop", "--duplicates", "last", "--fix", "fixed.csv")
    assert found.code == 0, found.stderr
    assert Path("fixed.csv").read_text().splitlines() == rows


@pytest.mark.parametrize("command", ["predict", "evaluate", "inspect base", "check"])
def test_every_command_reads_a_pipe_among_files(forecast: Command, parts: list[str], command: str) -> None:
    fill("pipe", Path(parts[3]).read_bytes())
    outcome = forecast(*command.split(), *parts[:3], "pipe", "--id", "shop")
    assert outcome.code == 0, outcome.stderr
    assert "4 series" in outcome.stderr or "│ series    │ 4" in outcome.stderr


def test_training_on_a_pipe_is_not_remembered_as_a_file(forecast: Command, parts: list[str]) -> None:
    words = ["--id", "shop", "--horizon", "6", "--steps", "5", "--from-scratch", "--hidden", "4", "--context", "24"]
    fill("pipe", Path(parts[3]).read_bytes())
    outcome = forecast("train", *parts[:3], "pipe", *words)
    assert outcome.code == 0, outcome.stderr
    Path("pipe").unlink()
    refuse(forecast, "predict", code=2, says=["trained on stdin or a pipe, which cannot be read again"])
    with Path(parts[0]).open() as file:  # the next process has another file under this name
        assert list_locations([f"/dev/fd/{file.fileno()}"]) == STREAM


def test_a_word_that_is_no_command_is_followed_by_the_others(forecast: Command) -> None:
    outcome = forecast("a b.csv", "c.csv", "--id", "shop")
    assert outcome.code == 2
    assert outcome.stderr.endswith("forecast predict 'a b.csv' c.csv --id shop\n")
    outcome = forecast(*[f"{number}.csv" for number in range(50)])
    assert outcome.stderr.endswith("forecast predict 0.csv …\n")
