"""Find small changes to the code that no test detects: `python -m benchmarks.mutants evaluation --count 40 --seed 0`.

mutmut makes the mutants and finds the tests that call each changed function, all in a copy of the project. Of these
tests only the quickest, a minute in total, are run; a mutant that passes them survives. This module is also the pytest
plugin that sorts and selects them.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import chdir
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = str(Path(sys.executable).with_name("mutmut"))
TEST_SECONDS = 60
IGNORED = [f"--ignore=tests/test_{name}.py" for name in ("house", "streams", "signals", "footprint")]
"""Mutants break the rules on imports, and processes with a separate environment do not import the mutants."""
CONFIGURATION = """
[tool.mutmut]
source_paths = ["forecaster"]
only_mutate = {files}
also_copy = {other_paths}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "benchmarks.mutants"]
pytest_add_cli_args_test_selection = ["tests", {ignored}]
# torch and ONNX Runtime cannot be forked once they have run
process_isolation = "forkserver"
timeout_multiplier = 1.0
timeout_constant = 30.0
use_git_change_detection = false
"""


def pytest_configure() -> None:
    """Keep mutmut from recording calls in processes started by tests, where it does not find its configuration."""
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        del os.environ["MUTANT_UNDER_TEST"]


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Run only the quickest tests that fit into `TEST_SECONDS`, quickest first, once mutmut has measured them."""
    measured = config.rootpath / "mutmut-stats.json"
    if not measured.exists():
        return
    seconds = json.loads(measured.read_text())["duration_by_test"]
    items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
    spent = accumulate(seconds.get(item.nodeid, 0.0) for item in items)
    fitting = max(1, sum(total <= TEST_SECONDS for total in spent))
    config.hook.pytest_deselected(items=items[fitting:])
    del items[fitting:]


def copy_tree(folder: Path, *, files: list[str]) -> None:
    """Copy all files that git does not ignore to `folder`, and configure mutmut there to mutate `files`."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    other_paths = sorted({name.split("/")[0] for name in names if name} - {"forecaster", "tests", "pyproject.toml"})
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write(
            CONFIGURATION.format(
                files=json.dumps(files), other_paths=json.dumps(other_paths), ignored=json.dumps(IGNORED)[1:-1]
            )
        )
    # Python ignores a folder on its path that did not exist when it started
    (folder / "mutants").mkdir()


def find_files(package: str) -> list[str]:
    """The files of one package or module, such as `evaluation`, `data/times` or `windows`."""
    found = [*ROOT.glob(f"forecaster/{package}/**/*.py"), *ROOT.glob(f"forecaster/{package}.py")]
    if not found:
        sys.exit(f"{package}: there is no such package or module in forecaster/.")
    return sorted(str(path.relative_to(ROOT)) for path in found)


def list_mutants(file: str) -> list[str]:
    """The names of all mutants of `file`, in the order of its lines; call it in the copy."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    return [
        get_mutant_name(Path(file), name) for name in mutate_file_contents(file, Path(file).read_text()).mutant_names
    ]


def read_outcomes(folder: Path, *, files: list[str]) -> dict[str, str]:
    """The outcome of each mutant of `files`: 'killed', 'survived', 'no tests', 'timeout', …, or 'not checked'."""
    from mutmut.stats import status_by_exit_code

    outcomes: dict[str, str] = {}
    for file in files:
        codes = json.loads((folder / "mutants" / f"{file}.meta").read_text())["exit_code_by_key"]
        outcomes |= {name: status_by_exit_code[code] for name, code in codes.items()}
    return outcomes


def print_outcomes(sampled: dict[str, str], *, folder: Path) -> None:
    """Print how many mutants of each package had each outcome, and the change that each survivor makes."""
    print(f"\n{'package':15s} {'killed':>8s} {'timeout':>8s} {'survived':>8s} {'no tests':>8s} {'other':>8s}")
    packages = {name: name.split(".")[1] for name in sampled}
    for package in dict.fromkeys(packages.values()):
        counts = Counter(outcome for name, outcome in sampled.items() if packages[name] == package)
        shown = [counts.pop(outcome, 0) for outcome in ("killed", "timeout", "survived", "no tests")]
        print(f"{package:15s}" + "".join(f" {count:8d}" for count in [*shown, counts.total()]))
    for name, outcome in sampled.items():
        if outcome not in ("killed", "timeout"):
            print(f"\n{outcome}:", flush=True)
            subprocess.run([MUTMUT, "show", name], cwd=folder, check=True)


def main() -> None:
    """Sample mutants of some packages, run the tests on each, and print which survive."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("packages", nargs="+", help="packages or modules of forecaster/, such as evaluation or windows")
    parser.add_argument("--count", type=int, default=40, help="how many mutants to sample, over all packages")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    files = [file for package in words.packages for file in find_files(package)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder, files=files)
        with chdir(folder):
            mutants = [mutant for file in files for mutant in list_mutants(file)]
        sampled = random.Random(words.seed).sample(mutants, min(words.count, len(mutants)))
        print(
            f"{len(sampled)} of {len(mutants):,} mutants of {', '.join(words.packages)}, seed {words.seed}", flush=True
        )
        # subprocesses of tests must import the mutants too
        environment = {**os.environ, "PYTHONPATH": str(folder / "mutants")}
        command = [MUTMUT, "run", "--max-children", str(os.cpu_count()), *sampled]
        if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
            sys.exit("mutmut gave up, see above. Do all tests pass without mutants (make test)?")
        outcomes = read_outcomes(folder, files=files)
        print_outcomes({name: outcomes[name] for name in sorted(sampled)}, folder=folder)


if __name__ == "__main__":
    main()
