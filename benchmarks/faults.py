"""What is left when a command is disturbed at a moment of chance: an exit code, a sentence, and whole files or none."""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measuring import write_results

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"
PROGRAM = [sys.executable, "-m", "forecaster"]
PATIENCE = 60.0
"""Seconds after which a command that was told to stop is said to hang."""
STOPPED = re.compile(
    r"error: (stopped by SIG(INT|TERM); every output file|Stopped at step \d+ of \d+; the work is saved)"
)
CHECKPOINT = "checkpoint.safetensors"


AIRLINE = str(SAMPLES / "air_passengers.csv")
WORKS = {
    "predict": ["predict", str(SAMPLES / "us_employment.csv"), "--id", "sector"],
    "evaluate": ["evaluate", AIRLINE],
    "train": ["train", AIRLINE, "--steps", "100", "--from-scratch", "--hidden", "16", "--context", "24"],
}
"""Commands that write the same bytes every time."""


@dataclass(frozen=True)
class Outcome:
    """How one try ended: what was done to which command, in a word what came of it, and what was wrong with that."""

    command: str
    fault: str
    seconds: float
    result: str
    offences: tuple[str, ...] = ()
    said: str = ""


def list_files(folder: Path) -> dict[str, bytes]:
    """All files below `folder` with their content, by their path from there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def find_torn_files(found: dict[str, bytes], *, whole: dict[str, bytes]) -> list[str]:
    """What is wrong with the files that a disturbed command left; `whole` are those of one that was not."""
    offences = [f"left {name}" for name in found if name not in whole and Path(name).name != CHECKPOINT]
    if not set(whole) <= set(found) and set(whole) & set(found):
        offences.append(f"only {', '.join(sorted(set(whole) & set(found)))}")
    return offences + [f"torn {name}" for name in set(whole) & set(found) if found[name] != whole[name]]


def run_undisturbed(words: list[str]) -> tuple[dict[str, bytes], float]:
    """The files of the command, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as name:
        begun = time.monotonic()
        subprocess.run([*PROGRAM, *words], cwd=name, check=True, capture_output=True)
        return list_files(Path(name)), time.monotonic() - begun


def has_begun(pid: int) -> bool:
    """Whether a process handles or ignores SIGTERM by itself; before that, signals are the interpreter's to answer."""
    masks = re.findall(r"Sig(?:Cgt|Ign):\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return any(int(mask, 16) >> (signal.SIGTERM - 1) & 1 for mask in masks)


def signal_once(command: str, *, number: int, seconds: float, whole: dict[str, bytes]) -> Outcome:
    """Send a signal to a command `seconds` after it began."""
    fault = signal.Signals(number).name
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        errors = folder / "stderr"
        with (
            errors.open("wb") as stderr,
            subprocess.Popen(
                [*PROGRAM, *WORKS[command]], cwd=name, stdout=subprocess.DEVNULL, stderr=stderr
            ) as process,
        ):
            time.sleep(seconds)
            is_ours = process.poll() is not None or has_begun(process.pid)
            process.send_signal(number)
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                return Outcome(command, fault, seconds, "hangs", ("hangs",))
        said = errors.read_text()
        errors.unlink()
        offences = find_torn_files(list_files(folder), whole=whole)
        is_whole = set(whole) <= set(list_files(folder))
    if not is_ours and code != 128 + number:
        return Outcome(command, fault, seconds, "before the program began", tuple(offences))
    sentences = [line for line in said.splitlines() if line.startswith("error: ")]
    if code == 0:
        result = "finished"
        offences += ["exit 0 without its files"] * (not is_whole) + ["finished, and says an error"] * bool(sentences)
    elif code == 128 + number:
        result = "stopped, work saved" if "--resume" in said else "stopped"
        offences += ["not one sentence"] * (len(sentences) != 1)
        offences += ["another sentence"] * (not all(STOPPED.match(line) for line in sentences))
    else:
        result = f"exit {code}"
        offences.append(result)
    offences += [word for word in ("Traceback", "Exception ignored") if word in said]
    return Outcome(command, fault, seconds, result, tuple(offences), said)


def send_signals(tries: int) -> Iterator[Outcome]:
    """`tries` signals, SIGINT and SIGTERM in turns, at moments spread evenly over the time that each command takes."""
    generator = np.random.default_rng(0)
    for command, words in WORKS.items():
        runs = [run_undisturbed(words) for _ in range(4)]
        whole, lasts = runs[0][0], min(seconds for _, seconds in runs)
        count = tries // len(WORKS)
        for number in range(count):
            moment = (number + generator.random()) / count * lasts
            yield signal_once(command, number=(signal.SIGINT, signal.SIGTERM)[number % 2], seconds=moment, whole=whole)


def make_table(outcomes: list[Outcome]) -> str:
    """How often each command ended how, as in the README of the benchmarks."""
    results = sorted({outcome.result for outcome in outcomes})
    lines = ["| command | fault | " + " | ".join(results) + " | offenders |", "|---|---|" + "---|" * (len(results) + 1)]
    for command, fault in sorted({(outcome.command, outcome.fault) for outcome in outcomes}):
        some = [outcome for outcome in outcomes if (outcome.command, outcome.fault) == (command, fault)]
        counts = Counter(outcome.result for outcome in some)
        offenders = sum(bool(outcome.offences) for outcome in some)
        cells = " | ".join(str(counts[result]) for result in results)
        lines.append(f"| {command} | {fault} | {cells} | {offenders} |")
    return "\n".join(lines)


FAULTS = {"signals": send_signals}


def main() -> None:
    """Disturb, print the table and the offenders; exit with 1 where there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="fault", required=True)
    for name, disturb in FAULTS.items():
        added = commands.add_parser(name, help=disturb.__doc__)
        added.add_argument("--tries", type=int, default=192, help="how often, over all commands")
    arguments = parser.parse_args()
    outcomes = []
    for outcome in FAULTS[arguments.fault](arguments.tries):
        outcomes.append(outcome)
        if outcome.offences:
            print(f"{outcome.command}, {outcome.fault} after {outcome.seconds:.3f} s: {', '.join(outcome.offences)}")
            print(outcome.said, flush=True)
    print(make_table(outcomes))
    offenders = sum(bool(outcome.offences) for outcome in outcomes)
    counts = Counter(f"{outcome.command} {outcome.fault}: {outcome.result}" for outcome in outcomes)
    write_results(f"faults_{arguments.fault}", figures={"tries": len(outcomes), "offenders": offenders, **counts})
    sys.exit(offenders > 0)


if __name__ == "__main__":
    main()
