"""Stopping a training and resuming it: the same result to the last bit, and what is refused."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import safetensors
import torch
from safetensors.torch import save

from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import ConfigurationError, InterruptedRunError, NotFoundError, UsageError
from forecaster.learning.assess import Assessed, assess
from forecaster.learning.checkpoint import Checkpoint, hash_content, read_checkpoint, write_checkpoint
from forecaster.learning.fit import TrainedModel, train
from forecaster.learning.learner import LearnerState
from forecaster.learning.loop import LoopState, Progress, Standing
from forecaster.learning.plan import RunControl
from forecaster.learning.stages import Learned, TrainingCheckpoint
from tests.hostile_models import change_checkpoint
from tests.test_learning import CONTROL, PLAN, SETTINGS, SHAPE, SOURCE, assert_same, learn


@pytest.fixture
def panel(monthly_csv: Path) -> Panel:
    return read_panel(str(monthly_csv), options=ReadOptions(ids=("shop",)))[0]


def stop_after(steps: int) -> RunControl[Progress]:
    taken: list[Progress] = []
    return replace(CONTROL, on_progress=taken.append, stop_signal=lambda: 15 if len(taken) >= steps else None)


def write_changed(path: Path, content: object, tensors: dict[str, torch.Tensor]) -> None:
    """A checkpoint that was changed by someone who knows how its checksum is made."""
    text = json.dumps(content)
    path.write_bytes(save(tensors, metadata={"checkpoint": text, "checksum": hash_content(text, tensors)}))


RESUME = replace(CONTROL, resume=True)
UNINTERRUPTED: dict[int, TrainedModel] = {}
"""What was learned without a stop, for each number of members."""


@pytest.mark.parametrize(("steps_before", "ensemble"), [(0, 1), (7, 1), (20, 1), (32, 1), (50, 2)])
def test_stopped_run_goes_on_to_the_same_result(panel: Panel, steps_before: int, ensemble: int) -> None:
    settings = replace(SETTINGS, ensemble=ensemble, shrinkage=4.0)
    if ensemble not in UNINTERRUPTED:  # of the same panel and settings for all tests
        UNINTERRUPTED[ensemble] = learn(panel, settings=settings)
    uninterrupted = UNINTERRUPTED[ensemble]
    assert uninterrupted.card.training.steps_taken > steps_before, "else nothing is stopped"
    with pytest.raises(InterruptedRunError, match="--resume") as stopped:
        learn(panel, settings=settings, control=stop_after(steps_before))
    assert stopped.value.exit_code == 143
    torch.manual_seed(99)
    assert_same(uninterrupted, learn(panel, settings=settings, control=RESUME))


@pytest.mark.parametrize(("steps_before", "ensemble"), [(32, 1), (50, 2)])
def test_seconds_of_stages_that_ended_before_the_stop_count_in_the_budget(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, steps_before: int, ensemble: int
) -> None:
    given: list[float] = []

    def note(*positional: Any, seconds: float, **named: Any) -> Assessed:
        given.append(seconds)
        return assess(*positional, seconds=seconds, **named)

    monkeypatch.setattr("forecaster.learning.fit.assess", note)
    monkeypatch.setattr("forecaster.learning.loop.time", SimpleNamespace(monotonic=count(step=1.0).__next__))
    settings = replace(SETTINGS, ensemble=ensemble, budget_seconds=10_000.0)
    learn(panel, settings=settings)
    with pytest.raises(InterruptedRunError):
        learn(panel, settings=settings, control=stop_after(steps_before))
    learn(panel, settings=settings, control=RESUME)
    used = [10_000 - seconds for seconds in given]
    assert used[0] > steps_before
    # by the clock of the stages after the stop, which need not encode as the ones before it did
    assert used[1] == pytest.approx(used[0], rel=0.2)


def test_an_ensemble_can_be_stopped_after_a_member_without_a_second_stage(panel: Panel) -> None:
    settings = replace(SETTINGS, ensemble=2, second_stage_share=0.0)
    uninterrupted = learn(panel, settings=settings)
    with pytest.raises(InterruptedRunError, match="is saved"):
        learn(panel, settings=settings, control=stop_after(45))
    assert_same(uninterrupted, learn(panel, settings=settings, control=RESUME))


def test_a_run_needs_nothing_but_a_plan_and_says_that_nothing_is_saved(panel: Panel) -> None:
    assert_same(train(panel, plan=PLAN, source=SOURCE), learn(panel))
    with pytest.raises(InterruptedRunError, match=r"^Stopped at step 3 of 30; nothing is saved"):
        learn(panel, control=replace(stop_after(3), checkpoint=None))
    assert not Path("checkpoint.safetensors").exists()
    with pytest.raises(UsageError, match="name the file"):
        RunControl[Progress](resume=True)


def test_resume_refuses_another_run(panel: Panel) -> None:
    with pytest.raises(NotFoundError, match="--resume"):
        learn(panel, control=RESUME)
    with pytest.raises(InterruptedRunError):
        learn(panel, control=stop_after(3))
    with pytest.raises(ConfigurationError, match="changed"):
        learn(panel, control=RESUME, horizon=5)
    with pytest.raises(
        ConfigurationError, match=r"of 1 lstm layers of 8 units, not of 1 gru layers of 8 units.*same flags"
    ):
        learn(panel, control=RESUME, shape=replace(SHAPE, cell="gru"))


def test_broken_checkpoint_is_refused(panel: Panel) -> None:
    Path("checkpoint.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ConfigurationError, match="broken"):
        learn(panel, control=RESUME)
    # as a checkpoint of before was
    Path("checkpoint.safetensors").write_bytes(save({"best/x": torch.ones(1)}, metadata={"state": "{}"}))
    with pytest.raises(ConfigurationError, match="another command or version"):
        learn(panel, control=RESUME)
    write_checkpoint(Path("checkpoint.safetensors"), Checkpoint(SHAPE))
    with pytest.raises(ConfigurationError, match="another command or version"):
        learn(panel, control=RESUME)


def test_checkpoint_gives_back_what_was_written(tmp_path: Path) -> None:
    learner = LearnerState(3, {"x/y": torch.arange(3)}, {}, {"0": {"step": torch.ones(2, 2)}}, torch.tensor(9))
    loop = LoopState(learner, {"z": torch.zeros(1)}, {"state": {"big": 2**100}}, Standing(loss=0.1, best_step=2))
    learned = tuple(Learned({"w": torch.tensor(number)}, {"w": -torch.tensor(number)}, number, 1) for number in (1, 2))
    written = TrainingCheckpoint(replace(SHAPE, memory_steps=7), "some data", learned, None, loop)
    for checkpoint in (written, replace(written, members=(), first_stage=learned[1])):
        write_checkpoint(tmp_path / "c.safetensors", checkpoint)
        found = read_checkpoint(tmp_path / "c.safetensors", TrainingCheckpoint, shape=checkpoint.shape)
        # tensors know no equality; their text does, and that of NaN
        assert repr(found) == repr(checkpoint)


def test_checkpoints_with_random_changes_are_refused_or_go_on(panel: Panel) -> None:
    with pytest.raises(InterruptedRunError):
        learn(panel, control=stop_after(3))
    path = Path("checkpoint.safetensors")
    stopped, refused = path.read_bytes(), 0
    for seed in range(12):
        changed, how = change_checkpoint(np.random.default_rng([3, seed]), stopped)
        path.write_bytes(changed)
        try:
            learn(panel, control=RESUME)
        except ConfigurationError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"{seed}: {how}") from error
    assert refused > 5


def stop_and_open(panel: Panel) -> tuple[Path, dict[str, Any], dict[str, torch.Tensor]]:
    """The checkpoint of a run that was stopped: its path, its content and its tensors."""
    with pytest.raises(InterruptedRunError):
        learn(panel, control=stop_after(3))
    path = Path("checkpoint.safetensors")
    with safetensors.safe_open(path, framework="pt") as file:
        content = json.loads(file.metadata()["checkpoint"])
        return path, content, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping


def test_a_checkpoint_that_the_disk_has_changed_is_refused(panel: Panel) -> None:
    path, content, tensors = stop_and_open(panel)
    write_changed(path, content, tensors)
    learn(panel, control=RESUME)
    name = "/loop/learner/average/head.bias"
    data = path.read_bytes()
    place = data.index(tensors[name].numpy().tobytes())
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    with pytest.raises(ConfigurationError, match="the checkpoint is broken"):
        learn(panel, control=RESUME)


def test_a_checkpoint_from_which_learning_diverges_is_refused(panel: Panel) -> None:
    path, content, tensors = stop_and_open(panel)
    huge = {name: torch.full_like(values, 3e38) for name, values in tensors.items() if "learner/network" in name}
    assert huge
    write_changed(path, content, tensors | huge)
    with pytest.raises(
        ConfigurationError, match=r"diverged after it was resumed from this checkpoint.*without --resume"
    ):
        learn(panel, control=RESUME)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("loop", "now", "best_step"), 10**9),
        (("loop", "now", "elapsed"), -1e9),
        (("loop", "learner", "step"), -1),
        (("loop", "learner", "step"), 10**9),
        (("loop", "generator"), {}),
        (("loop", "generator", "state", "inc"), -1),
        (("first_stage",), {"chosen": {}, "final": {}, "steps_taken": 1, "best_step": 1}),
    ],
)
def test_a_checkpoint_with_a_value_that_no_run_has_is_refused(
    panel: Panel, place: tuple[str, ...], value: object
) -> None:
    path, content, tensors = stop_and_open(panel)
    part = content
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    write_changed(path, content, tensors)
    with pytest.raises(ConfigurationError, match="the checkpoint is broken"):
        learn(panel, control=RESUME)


@pytest.mark.parametrize("changed", [torch.full((1,), torch.nan), torch.zeros(7), torch.zeros(1, dtype=torch.float64)])
def test_a_checkpoint_with_other_tensors_is_refused(panel: Panel, changed: torch.Tensor) -> None:
    path, content, tensors = stop_and_open(panel)
    for name in ("/loop/best/head.bias", "/loop/learner/average/head.bias", "/loop/learner/optimizer/2/exp_avg"):
        other = changed.expand_as(tensors[name]).clone() if len(changed) == 1 else changed
        write_changed(path, content, tensors | {name: other})
        with pytest.raises(ConfigurationError, match="the checkpoint is broken"):
            learn(panel, control=RESUME)


class TensorOfGPU(torch.Tensor):
    """A tensor that, as those of a GPU, has no bytes here before it is copied to the CPU."""

    def cpu(self, *_: Any, **__: Any) -> torch.Tensor:
        return self.as_subclass(torch.Tensor)

    def numpy(self, *_: Any, **__: Any) -> Any:
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


def test_tensors_of_a_gpu_are_written(tmp_path: Path) -> None:
    weight = torch.arange(3.0).as_subclass(TensorOfGPU)
    learner = LearnerState(3, {"x": weight}, {}, {"0": {"step": weight}}, torch.tensor(9))
    checkpoint = TrainingCheckpoint(SHAPE, "some data", (), None, LoopState(learner, {}, {}, Standing()))
    write_checkpoint(tmp_path / "c.safetensors", checkpoint)
    found = read_checkpoint(tmp_path / "c.safetensors", TrainingCheckpoint, shape=SHAPE)
    assert found.loop is not None
    assert found.loop.learner.network["x"].tolist() == [0, 1, 2]
