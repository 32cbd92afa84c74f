"""Stopping a training and resuming it: the same result to the last bit, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from forecaster.data.panel import Panel
from forecaster.data.reading import ReadOptions, read_panel
from forecaster.errors import ConfigurationError, InterruptedRunError, NotFoundError, UsageError
from forecaster.learning.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from forecaster.learning.fit import train
from forecaster.learning.learner import LearnerState
from forecaster.learning.loop import LoopState, Progress, Standing
from forecaster.learning.plan import RunControl
from forecaster.learning.stages import Learned, TrainingCheckpoint
from tests.test_learning import CONTROL, PLAN, SETTINGS, SHAPE, SOURCE, assert_same, learn


@pytest.fixture
def panel(monthly_csv: Path) -> Panel:
    return read_panel(str(monthly_csv), options=ReadOptions(ids=("shop",)))[0]


def stop_after(steps: int) -> RunControl[Progress]:
    asked = iter(range(10_000))
    return replace(CONTROL, stop_signal=lambda: 15 if next(asked) >= steps else None)


RESUME = replace(CONTROL, resume=True)


@pytest.mark.parametrize(("steps_before", "ensemble"), [(0, 1), (7, 1), (20, 1), (32, 1), (50, 2)])
def test_stopped_run_goes_on_to_the_same_result(panel: Panel, steps_before: int, ensemble: int) -> None:
    settings = replace(SETTINGS, ensemble=ensemble, shrinkage=4.0)
    uninterrupted = learn(panel, settings=settings)
    assert uninterrupted.card.training.steps_taken > steps_before, "else nothing is stopped"
    with pytest.raises(InterruptedRunError, match="--resume") as stopped:
        learn(panel, settings=settings, control=stop_after(steps_before))
    assert stopped.value.exit_code == 143
    torch.manual_seed(99)
    assert_same(uninterrupted, learn(panel, settings=settings, control=RESUME))


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
