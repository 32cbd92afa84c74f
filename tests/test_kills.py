"""`train` and `run` are killed at a few moments, as `python -m benchmarks.faults kills` does at many more."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks import kills
from benchmarks.outcomes import Outcome

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("command", "tries"), [("run", 3), ("train", 2)])
def test_a_killed_command_leaves_nothing_half_written_and_the_next_one_is_as_if_it_had_never_been(
    command: str, tries: int
) -> None:
    evening = Path("evening")
    evening.mkdir()
    kills.prepare(evening, kills.KILLED[command])
    whole, duration = kills.run_undisturbed(kills.KILLED[command], evening)
    assert {"forecasts.csv", "quantiles.parquet"} == {*whole} or "model/model.json" in whole
    # from the first writing on, mostly
    for share in np.random.default_rng(3).uniform(0.4, 1.0, tries):
        outcome = kills.kill_once(command, evening, seconds=share * duration, whole=whole)
        assert outcome.problems == (), f"{share}: {outcome.stderr_text}"


def test_what_is_wrong_after_a_kill_is_found() -> None:
    evening = Path("evening")
    evening.mkdir()
    kills.prepare(evening, kills.KILLED["run"])
    whole, _ = kills.run_undisturbed(kills.KILLED["run"], evening)

    def kill_after(harm: str) -> Outcome:
        """A kill before the program begins, and what another fault does to the files."""
        shutil.rmtree("harmed", ignore_errors=True)
        folder = shutil.copytree(evening, Path("harmed"))
        run = next(path for path in (folder / "runs").iterdir() if path.is_dir())
        if harm == "lacks":
            (run / "metrics.json").unlink()
        elif harm == "pointer":
            shutil.rmtree(run)
        elif harm == "left":
            (folder / ".forecast-1.partial").write_text("")
        return kills.kill_once("run", folder, seconds=0.0, whole=whole if harm != "other" else {**whole, "x": b""})

    problems = {harm: " ".join(kill_after(harm).problems) for harm in ("lacks", "pointer", "left", "other")}
    assert "lacks metrics.json" in problems["lacks"]
    assert "latest.json points to nothing" in problems["pointer"]
    assert "left .forecast-1.partial" in problems["left"]
    assert "x is another one" in problems["other"]
