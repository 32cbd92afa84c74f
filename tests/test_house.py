"""Structure of the code: imports of each command, file lengths, README commands; CPU quota and memory settings."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from forecaster.machine import count_usable_cpus, keep_freed_memory
from tests.conftest import Command

ROOT = Path(__file__).resolve().parents[1]


def list_imports(words: list[str], *, folder: Path) -> set[str]:
    """The top-level modules that one command line leaves in `sys.modules`."""
    code = (
        "import sys; from forecaster.cli.app import run; code = run(sys.argv[1:]);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.__stderr__); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_predict_and_evaluate_never_import_torch(trained: Path, tmp_path: Path, command: str) -> None:
    loaded = list_imports([command, "--model", str(trained / "model")], folder=tmp_path)
    assert not {"torch", "onnx", "safetensors", "statsforecast", "matplotlib"} & loaded
    assert {"onnxruntime", "pandas"} <= loaded


def test_inspect_needs_no_torch(trained: Path, tmp_path: Path) -> None:
    loaded = list_imports(["inspect", str(trained / "model"), "--output", "page.html"], folder=tmp_path)
    assert not {"torch", "onnx"} & loaded


def test_help_imports_next_to_nothing(tmp_path: Path) -> None:
    loaded = list_imports(["--help"], folder=tmp_path)
    assert not {"torch", "onnx", "onnxruntime", "pandas", "numpy", "rich"} & loaded


def test_bad_input_is_found_before_torch_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from forecaster.cli.app import run;"
        "assert run(['train', 'no.csv']) == 66; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


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
