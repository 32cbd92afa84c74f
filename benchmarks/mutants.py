"""Which small changes to the code no test notices: `python -m benchmarks.mutants evaluation --count 40 --seed 0`.

mutmut makes the mutants and finds the tests that call each changed function; all of it happens on a copy. A mutant
survives if it passes those of them that take a minute together, the quickest first: for that order this module is also
a plugin of pytest.
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
"""What a file may import is not true of mutants, and processes in an environment of their own do not find them."""
CONFIGURATION = """
[tool.mutmut]
source_paths = ["forecaster"]
only_mutate = {files}
also_copy = {beside}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "benchmarks.mutants"]
pytest_add_cli_args_test_selection = ["tests", {ignored}]
# torch and ONNX Runtime cannot be forked once they have run
process_isolation = "forkserver"
timeout_multiplier = 1.0
timeout_constant = 30.0
use_git_change_detection = false
"""


def pytest_configure() -> None:
    """Keep mutmut from recording calls in processes that tests start, where it does not find its configuration."""
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        del os.environ["MUTANT_UNDER_TEST"]


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Run the quickest tests first, as many as take `TEST_SECONDS` together, once mutmut has measured them."""
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
    """Copy what git knows of, or would take, to `folder`, and tell mutmut there to mutate `files`."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    beside = sorted({name.split("/")[0] for name in names if name} - {"forecaster", "tests", "pyproject.toml"})
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write(
            CONFIGURATION.format(files=json.dumps(files), beside=json.dumps(beside), ignored=json.dumps(IGNORED)[1:-1])
        )
    # Python does not look again at a folder on its path that was not there when it began
    (folder / "mutants").mkdir()


def find_files(room: str) -> list[str]:
    """The files of one room, such as `evaluation` or `windows`."""
    found = [*ROOT.glob(f"forecaster/{room}/*.py"), *ROOT.glob(f"forecaster/{room}.py")]
    if not found:
        sys.exit(f"{room}: there is no such room in forecaster/.")
    return sorted(str(path.relative_to(ROOT)) for path in found)


def list_mutants(file: str) -> list[str]:
    """The names of all mutants of `file`, in the order of its lines; to be called in the copy."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    return [
        get_mutant_name(Path(file), name) for name in mutate_file_contents(file, Path(file).read_text()).mutant_names
    ]


def read_outcomes(folder: Path, *, files: list[str]) -> dict[str, str]:
    """What became of each mutant of `files`: 'killed', 'survived', 'no tests', 'timeout', …, or 'not checked'."""
    from mutmut.stats import status_by_exit_code

    outcomes: dict[str, str] = {}
    for file in files:
        codes = json.loads((folder / "mutants" / f"{file}.meta").read_text())["exit_code_by_key"]
        outcomes |= {name: status_by_exit_code[code] for name, code in codes.items()}
    return outcomes


def print_outcomes(drawn: dict[str, str], *, folder: Path) -> None:
    """A table of a line per room, from the outcome of each drawn mutant, and the change that each survivor makes."""
    print(f"\n{'room':15s} {'killed':>8s} {'timeout':>8s} {'survived':>8s} {'no tests':>8s} {'other':>8s}")
    rooms = {name: name.split(".")[1] for name in drawn}
    for room in dict.fromkeys(rooms.values()):
        counts = Counter(outcome for name, outcome in drawn.items() if rooms[name] == room)
        shown = [counts.pop(outcome, 0) for outcome in ("killed", "timeout", "survived", "no tests")]
        print(f"{room:15s}" + "".join(f" {count:8d}" for count in [*shown, counts.total()]))
    for name, outcome in drawn.items():
        if outcome not in ("killed", "timeout"):
            print(f"\n{outcome}:", flush=True)
            subprocess.run([MUTMUT, "show", name], cwd=folder, check=True)


def main() -> None:
    """Draw mutants of some rooms, run the tests on each, and print which survive."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("rooms", nargs="+", help="folders or files of forecaster/, such as evaluation or windows")
    parser.add_argument("--count", type=int, default=40, help="how many mutants to draw, over all rooms")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    files = [file for room in words.rooms for file in find_files(room)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder, files=files)
        with chdir(folder):
            mutants = [mutant for file in files for mutant in list_mutants(file)]
        drawn = random.Random(words.seed).sample(mutants, min(words.count, len(mutants)))
        print(f"{len(drawn)} of {len(mutants):,} mutants of {', '.join(words.rooms)}, seed {words.seed}", flush=True)
        # subprocesses of tests are to import the mutants too
        environment = {**os.environ, "PYTHONPATH": str(folder / "mutants")}
        command = [MUTMUT, "run", "--max-children", str(os.cpu_count()), *drawn]
        if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
            sys.exit("mutmut gave up, see above. Do all tests pass without mutants (make test)?")
        outcomes = read_outcomes(folder, files=files)
        print_outcomes({name: outcomes[name] for name in sorted(drawn)}, folder=folder)


if __name__ == "__main__":
    main()
