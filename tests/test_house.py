"""Structure of the code: imports of each command, file lengths, README commands; CPU quota and memory settings."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from forecaster.machine import count_usable_cpus, keep_freed_memory
from tests.conftest import SAMPLES, Command
from tests.nightly import write_days

ROOT = Path(__file__).resolve().parents[1]


def list_imports(*lines: list[str], folder: Path) -> list[tuple[int, set[str]]]:
    """The exit code of each of the command lines, and the top-level modules in `sys.modules` after it."""
    code = (
        "import json, sys; from forecaster.cli.app import run\n"
        "for line in sys.argv[1:]:\n"
        "    code = run(json.loads(line))\n"
        "    print('-----', code, *sorted({name.split('.')[0] for name in sys.modules}), file=sys.__stderr__)"
    )
    words = [sys.executable, "-c", code, *map(json.dumps, lines)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    found = [line.split()[1:] for line in done.stderr.splitlines() if line.startswith("-----")]
    return [(int(code), set(names)) for code, *names in found]


def test_what_does_not_learn_never_imports_torch(trained: Path, tmp_path: Path) -> None:
    model = str(trained / "model")
    write_days(60)
    found = list_imports(
        ["check", str(SAMPLES / "air_passengers.csv")],
        ["train", "no.csv"],
        ["predict", "--model", model],
        ["evaluate", "--model", model],
        ["run", "shops.csv", "--train", "never", "--quiet"],
        ["inspect", model, "--output", "page.html"],
        folder=tmp_path,
    )
    codes, (checked, refused, predicted, evaluated, ran, inspected) = zip(*found, strict=True)
    assert codes == (0, 66, 0, 0, 0, 0)
    assert "torch" not in refused, "bad input is found before"
    assert not {"torch", "onnx", "onnxruntime"} & checked
    assert not {"torch", "onnx", "safetensors", "statsforecast", "matplotlib"} & evaluated
    assert {"onnxruntime", "pandas"} <= predicted
    assert not {"torch", "onnx"} & (ran | inspected)


def test_help_imports_next_to_nothing(tmp_path: Path) -> None:
    ((code, loaded),) = list_imports(["--help"], folder=tmp_path)
    assert code == 0
    assert not {"torch", "onnx", "onnxruntime", "pandas", "numpy", "rich"} & loaded


def test_module_is_the_same_as_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "forecaster", "--version"], capture_output=True, text=True, check=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert done.stdout.strip() == f"forecast {version}"


def test_library_never_prints() -> None:
    for path in (ROOT / "forecaster").rglob("*.py"):
        if path.parent.name not in ("cli", "report"):
            assert not re.search(r"^[^#\"]*\bprint\(", path.read_text(), re.MULTILINE), path


def test_files_have_at_most_320_lines() -> None:
    for path in [*(ROOT / "forecaster").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        assert len(path.read_text().splitlines()) <= 320, path


@pytest.mark.parametrize(
    ("content", "cores"), [("50000 100000", 1), ("150000 100000", 1), ("max 100000", None), ("nonsense", None)]
)
def test_container_quota_bounds_the_threads(tmp_path: Path, content: str, cores: int | None) -> None:
    unbounded = count_usable_cpus(cgroup=tmp_path / "none")
    (tmp_path / "cpu.max").write_text(content)
    assert count_usable_cpus(cgroup=tmp_path) == (cores or unbounded)


def test_quota_of_control_groups_version_1_counts_too(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert count_usable_cpus(cgroup=tmp_path) == 1


@pytest.mark.parametrize(
    ("asked", "cores"), [("1", 1), ("3", 3), ("2,1", 2), ("64", 4), ("", 4), ("0", 4), ("all", 4), (None, 4)]
)
def test_whoever_limits_threads_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None, cores: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {*range(4)}, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert count_usable_cpus(cgroup=tmp_path / "none") == cores


def test_readme_shows_commands_that_exist(forecast: Command) -> None:
    readme = (ROOT / "README.md").read_text()
    shown = re.findall(r"(?:forecast(?::\w+)? |`)(train|evaluate|predict|check|inspect|pretrain)\b([^\n#`]*)", readme)
    used = {(command, option) for command, line in shown for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert {command for command, _ in used} == {"train", "evaluate", "predict", "inspect"}
    helped = {command: forecast(command, "--help").stdout for command, _ in used}
    unknown = [pair for pair in used if not re.search(rf"(?<![\w-]){pair[1]}(?![\w-])", helped[pair[0]])]
    assert unknown == []


class Library:
    """A stand-in for the C library that records the calls of `mallopt`."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def mallopt(self, option: int, value: int) -> None:
        self.calls.append((option, value))


@pytest.mark.parametrize(("platform", "library", "count"), [("linux", Library(), 2), ("darwin", Library(), 0)])
def test_freed_memory_is_kept_where_the_c_library_can(
    monkeypatch: pytest.MonkeyPatch, platform: str, library: Library, count: int
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("ctypes.CDLL", lambda _: library)
    keep_freed_memory()
    assert len(library.calls) == count
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    keep_freed_memory()


def test_the_images_and_the_tests_have_packages_that_the_project_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [
        line for path in (ROOT / "requirements").glob("*.txt") for line in path.read_text().split() if "==" in line
    ]
    pins = dict(line.split("==") for line in lines)
    for requirement in map(Requirement, project["dependencies"]):
        assert requirement.specifier.contains(pins[requirement.name]), requirement
        assert requirement.specifier.contains(version(requirement.name)), requirement
    # how cells are read depends on it: what the images have is what the tests run with
    assert pins["pandas"].split(".")[:2] == version("pandas").split(".")[:2]
