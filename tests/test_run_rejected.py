"""A night that does not meet its gates leaves the model of before in place, and the next one trains again."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from forecaster.errors import BusyError, GateError
from forecaster.learning.plan import TrainingPlan
from forecaster.library.model import Model
from forecaster.model.card import KeptCard
from forecaster.model.folder import CHECKPOINT_FILE
from forecaster.nightly import model_choice
from forecaster.nightly.events import Event
from forecaster.nightly.night import run_night
from forecaster.nightly.reading import read_night
from forecaster.nightly.rules import Gates, Retraining
from forecaster.settings import FINE_TUNING
from tests.conftest import Command
from tests.nightly import FIRST_DAY, NIGHTLY, list_runs, run_after, write_days
from tests.test_run import read_latest, read_record

CHECKPOINT = Path("model") / CHECKPOINT_FILE
LEARNS = replace(NIGHTLY, retraining=Retraining("auto", after="1h"), gates=Gates(max_change="50%"))


@pytest.fixture(autouse=True)
def short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(FINE_TUNING, steps=3)
    monkeypatch.setattr("forecaster.nightly.training.TrainingPlan", partial(TrainingPlan, settings=settings))
    monkeypatch.setattr("forecaster.learning.assess.choose_share", lambda *_, **__: KeptCard(1.0, 0.1, 0.01, 4, 3))


def read_files() -> dict[str, bytes]:
    """The model, without what a training has saved."""
    return {path.name: path.read_bytes() for path in Path("model").iterdir() if path != CHECKPOINT}


def grow_old(days: int) -> None:
    """As if the model had been made when the data had so many days."""
    moment = (FIRST_DAY + timedelta(days=days, hours=3)).timestamp()
    os.utime("model/model.json", (moment, moment))


def write_other_unit(days: int) -> None:
    table = write_days(days)
    table["sales"] *= 1000
    table.to_csv("shops.csv", index=False)


def test_a_rejected_night_leaves_the_model_of_before(forecast: Command) -> None:
    write_days(60)
    good = run_after(60, LEARNS)
    assert good.model is not None
    assert (good.model.was_trained, good.model.was_kept, good.model.folder) == (True, True, "model")
    grow_old(60)
    before = read_files()
    write_other_unit(61)
    with pytest.raises(GateError, match="max-change"):
        run_after(61, LEARNS)
    assert read_files() == before
    assert read_latest()["run"] == good.run
    bad = read_record(list_runs()[-1])["model"]
    assert (bad["was_trained"], bad["was_kept"], bad["folder"]) == (True, False, None)
    assert bad["id"] != good.model.id
    assert Path(f"runs/{list_runs()[-1]}/rejected-forecasts.csv").exists(), "made by the new model, to look at"
    events = [json.loads(line)["event"] for line in Path(f"runs/{list_runs()[-1]}/log.jsonl").read_text().splitlines()]
    assert "model_not_kept" in events
    # the next night trains again, and its model is kept
    write_days(62)
    again = run_after(62, LEARNS)
    assert again.model is not None
    assert (again.model.was_trained, again.model.was_kept) == (True, True)
    assert Path("model/model.json").read_bytes() != before["model.json"]
    # the forecasts are those of the model in the folder, under the name that it has there
    assert forecast("predict", "shops.csv", "--horizon", "7").code == 0
    assert Path(f"runs/{again.run}/forecasts.csv").read_bytes() == Path("forecasts.csv").read_bytes()
    grow_old(62)
    assert run_after(62, replace(LEARNS, retraining=Retraining("auto", after="7d")), is_forced=True).model is not None
    last = read_record(list_runs()[-1])["model"]
    assert (last["id"], last["was_trained"], last["was_kept"]) == (again.model.id, False, None)


def test_a_night_whose_model_was_trained_and_kept_is_not_run_again() -> None:
    write_days(60)
    plan = replace(LEARNS, retraining=Retraining("auto", after="7d"))
    run_after(60, plan)
    grow_old(60)
    assert run_after(60, plan).status == "unchanged"


def test_a_first_night_that_is_rejected_keeps_no_model() -> None:
    write_days(60)
    with pytest.raises(GateError):
        run_after(60, replace(LEARNS, gates=Gates(require_skill="99%")))
    assert not Path("model").exists()
    assert run_after(60, LEARNS).status == "succeeded"
    assert Path("model/model.json").exists()


@pytest.mark.parametrize("kind", ["disk", "killed"])
def test_a_night_that_ends_before_its_gates_leaves_the_model_of_before(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write_days(60)
    run_after(60, LEARNS)
    grow_old(60)
    before = read_files()
    write_days(61)

    def fail(*_: Any, **__: Any) -> None:
        raise BusyError("the disk is full")

    with monkeypatch.context() as failing:
        failing.setattr("forecaster.nightly.night.write_outputs", fail)
        if kind == "killed":  # nothing is done after it
            failing.setattr("forecaster.nightly.journal.Journal.fail", lambda *_: None)
        with pytest.raises(BusyError):
            run_after(61, LEARNS)
    assert read_files() == before
    assert CHECKPOINT.exists()
    events: list[Event] = []
    assert run_after(61, LEARNS, listen=events.append).status == "succeeded"
    assert "training_resumed" in [event.name for event in events]  # at once, as all of it was learned
    assert not CHECKPOINT.exists()


def test_a_model_that_cannot_be_written_leaves_the_one_of_before_and_the_last_good_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_days(60)
    good = run_after(60, LEARNS)
    grow_old(60)
    before = read_files()
    write_days(61)

    def fail(*_: Any, **__: Any) -> None:
        raise BusyError("model: the disk is full")

    monkeypatch.setattr(Model, "write_into", fail)
    with pytest.raises(BusyError):
        run_after(61, LEARNS)
    assert (read_files(), read_latest()["run"]) == (before, good.run)
    record = read_record(list_runs()[-1])
    assert (record["exit_code"], record["model"]["was_kept"], record["outputs"]) == (75, False, {})


def test_no_other_process_writes_into_the_folder_between_the_training_and_the_gates(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(60)
    codes: list[int] = []
    keep: Callable[..., None] = model_choice.ModelChoice.keep

    def train_and_keep(self: model_choice.ModelChoice) -> None:
        codes.append(forecast("train", "shops.csv", "--horizon", "7", "--budget", "1s").code)
        keep(self)

    monkeypatch.setattr(model_choice.ModelChoice, "keep", train_and_keep)
    assert run_night(LEARNS, clock=lambda: FIRST_DAY + timedelta(days=60, hours=3)).status == "succeeded"
    assert codes == [75]


def test_a_model_that_is_replaced_while_a_run_reads_it_is_not_taken_for_the_one_that_forecasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_days(60)
    run_after(60, LEARNS)
    first = identify_folder()
    run_after(60, LEARNS, model=Path("other"), runs=Path("others"), seed=7)
    plan = replace(LEARNS, retraining=Retraining("never"))
    write_days(61)

    def swap(*given: Any, **named: Any) -> Any:
        found = read_night(*given, **named)
        shutil.rmtree("model")
        shutil.copytree("other", "model")
        return found

    with monkeypatch.context() as swapping:
        swapping.setattr("forecaster.nightly.night.read_night", swap)
        record = run_after(61, plan)
    assert record.model is not None
    assert record.model.id == first != identify_folder()
    assert run_after(61, plan).status == "succeeded"  # with the other one


def identify_folder() -> str:
    return hashlib.sha256(Path("model/model.json").read_bytes()).hexdigest()[:12]
