"""Interrupt commands at random times: `python -m benchmarks.faults signals` checks exit code, message and files.

`python -m benchmarks.faults kills --tries 20` kills `train` and `run`, so many times each, and runs them again.
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.kills import kill_writers
from benchmarks.measuring import write_results
from benchmarks.outcomes import AIRLINE, CHECKPOINT, PROGRAM, SAMPLES, Outcome, list_files, make_table

TIMEOUT_SECONDS = 60.0
"""Seconds after which a command that was told to stop counts as hanging."""
STOPPED = re.compile(
    r"error: (stopped by SIG(INT|TERM); every output file|Stopped at step \d+ of \d+; the work is saved)"
)
COMMANDS = {
    "predict": ["predict", str(SAMPLES / "us_employment.csv"), "--id", "sector"],
    "evaluate": ["evaluate", AIRLINE],
    "train": ["train", AIRLINE, "--steps", "100", "--from-scratch", "--hidden", "16", "--context", "24"],
}
"""Commands that write the same bytes every time."""


def find_torn_files(found: dict[str, bytes], *, whole: dict[str, bytes]) -> list[str]:
    """What is wrong with the files that an interrupted command left; `whole` are those of a complete run."""
    problems = [f"left {name}" for name in found if name not in whole and Path(name).name != CHECKPOINT]
    if not set(whole) <= set(found) and set(whole) & set(found):
        problems.append(f"only {', '.join(sorted(set(whole) & set(found)))}")
    return problems + [f"torn {name}" for name in set(whole) & set(found) if found[name] != whole[name]]


def run_uninterrupted(words: list[str]) -> tuple[dict[str, bytes], float]:
    """The files that the command writes, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as name:
        started = time.monotonic()
        subprocess.run([*PROGRAM, *words], cwd=name, check=True, capture_output=True)
        return list_files(Path(name)), time.monotonic() - started


def handles_signals(pid: int) -> bool:
    """Whether a process handles or ignores SIGTERM itself; before that, the interpreter handles signals."""
    masks = re.findall(r"Sig(?:Cgt|Ign):\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return any(int(mask, 16) >> (signal.SIGTERM - 1) & 1 for mask in masks)


@contextmanager
def heed_interrupts() -> Iterator[None]:
    """Start processes that heed SIGINT meanwhile.

    A shell lets jobs in the background ignore it, which is passed on to all that they start: every command would end
    as if no signal had come.
    """
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def signal_once(command: str, *, number: int, seconds: float, whole: dict[str, bytes]) -> Outcome:
    """Send a signal to a command `seconds` after its start."""
    fault = signal.Signals(number).name
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        errors = folder / "stderr"
        with errors.open("wb") as stderr, heed_interrupts():
            process = subprocess.Popen(
                [*PROGRAM, *COMMANDS[command]], cwd=name, stdout=subprocess.DEVNULL, stderr=stderr
            )
        with process:
            time.sleep(seconds)
            is_handled = process.poll() is not None or handles_signals(process.pid)
            process.send_signal(number)
            try:
                code = process.wait(TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                return Outcome(command, fault, seconds, "hangs", ("hangs",))
        stderr_text = errors.read_text()
        errors.unlink()
        problems = find_torn_files(list_files(folder), whole=whole)
        is_whole = set(whole) <= set(list_files(folder))
    if not is_handled and code != 128 + number:
        return Outcome(command, fault, seconds, "before the program began", tuple(problems))
    messages = [line for line in stderr_text.splitlines() if line.startswith("error: ")]
    if code == 0:
        result = "finished"
        problems += ["exit 0 without its files"] * (not is_whole) + ["finished with an error message"] * bool(messages)
    elif code == 128 + number:
        result = "stopped, work saved" if "--resume" in stderr_text else "stopped"
        problems += ["not exactly one message"] * (len(messages) != 1)
        problems += ["unexpected message"] * (not all(STOPPED.match(line) for line in messages))
    else:
        result = f"exit {code}"
        problems.append(result)
    problems += [word for word in ("Traceback", "Exception ignored") if word in stderr_text]
    return Outcome(command, fault, seconds, result, tuple(problems), stderr_text)


def send_signals(tries: int) -> Iterator[Outcome]:
    """`tries` signals, SIGINT and SIGTERM alternately, at times spread evenly over the time that each command takes."""
    generator = np.random.default_rng(0)
    for command, words in COMMANDS.items():
        runs = [run_uninterrupted(words) for _ in range(4)]
        whole, duration = runs[0][0], min(seconds for _, seconds in runs)
        count = tries // len(COMMANDS)
        for number in range(count):
            moment = (number + generator.random()) / count * duration
            yield signal_once(command, number=(signal.SIGINT, signal.SIGTERM)[number % 2], seconds=moment, whole=whole)


FAULTS = {"signals": (send_signals, 192, "over all commands"), "kills": (kill_writers, 20, "of each command")}


def main() -> None:
    """Run the commands, print the table and the failures; exit with 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="fault", required=True)
    for name, (interrupt, tries, words) in FAULTS.items():
        added = commands.add_parser(name, help=interrupt.__doc__)
        added.add_argument("--tries", type=int, default=tries, help=f"number of tries, {words}")
    arguments = parser.parse_args()
    outcomes = []
    for outcome in FAULTS[arguments.fault][0](arguments.tries):
        outcomes.append(outcome)
        if outcome.problems:
            print(f"{outcome.command}, {outcome.fault} after {outcome.seconds:.3f} s: {', '.join(outcome.problems)}")
            print(outcome.stderr_text, flush=True)
    print(make_table(outcomes))
    failures = sum(bool(outcome.problems) for outcome in outcomes)
    counts = Counter(f"{outcome.command} {outcome.fault}: {outcome.result}" for outcome in outcomes)
    write_results(f"faults_{arguments.fault}", figures={"tries": len(outcomes), "offenders": failures, **counts})
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
