"""What the commands that are disturbed have in common: how one ended, the files that it left, and the table of all."""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AIRLINE", "CHECKPOINT", "PROGRAM", "SAMPLES", "Outcome", "list_files", "make_table"]

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"
AIRLINE = str(SAMPLES / "air_passengers.csv")
PROGRAM = [sys.executable, "-m", "forecaster"]
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Outcome:
    """How one try ended: the command, its fault and when it came, the result in a word, and what was wrong with it."""

    command: str
    fault: str
    seconds: float
    result: str
    problems: tuple[str, ...] = ()
    stderr_text: str = ""


def list_files(folder: Path) -> dict[str, bytes]:
    """The content of all files below `folder`, by relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_table(outcomes: list[Outcome]) -> str:
    """How often each command ended with which result, as in the README of the benchmarks."""
    results = sorted({outcome.result for outcome in outcomes})
    lines = ["| command | fault | " + " | ".join(results) + " | failures |", "|---|---|" + "---|" * (len(results) + 1)]
    for command, fault in sorted({(outcome.command, outcome.fault) for outcome in outcomes}):
        some = [outcome for outcome in outcomes if (outcome.command, outcome.fault) == (command, fault)]
        counts = Counter(outcome.result for outcome in some)
        failures = sum(bool(outcome.problems) for outcome in some)
        cells = " | ".join(str(counts[result]) for result in results)
        lines.append(f"| {command} | {fault} | {cells} | {failures} |")
    return "\n".join(lines)
