"""When `forecast run` trains, and what it keeps of a training."""

import json
import os
import re
import shutil
import signal
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from forecaster.errors import InterruptedRunError
from forecaster.learning.plan import TrainingPlan
from forecaster.library.opening import find_model
from forecaster.model.card import KeptCard
from forecaster.model.folder import read_card
from forecaster.nightly.events import Event
from forecaster.nightly.monitoring import Monitoring, Verdict
from forecaster.nightly.night import run_night
from forecaster.nightly.promises import Promise
from forecaster.nightly.rules import Retraining
from forecaster.nightly.training import decide
from forecaster.settings import FINE_TUNING
from tests.conftest import Command
from tests.nightly import NIGHTLY, list_runs, run_after, write_days
from tests.test_run import read_record


def test_a_model_is_trained_where_there_is_none_and_again_when_it_is_old(forecast: Command) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--horizon", "7", "--budget", "0.2s")
    outcome = forecast(*words)
    assert outcome.code == 0
    assert "training started: training, as there is no trained model\n" in outcome.stderr
    assert "model chosen: a model trained in this run\n" in outcome.stderr
    assert "model kept: the trained model is in model\n" in outcome.stderr
    first = read_record(list_runs()[0])["model"]
    assert (first["kind"], first["was_trained"], first["reason"]) == ("trained", True, "there is no trained model")
    assert "nothing is new" in forecast(*words).stderr
    write_days(61)
    assert forecast(*words).code == 0
    second = read_record(list_runs()[1])["model"]
    assert (second["id"], second["was_trained"]) == (first["id"], False)
    write_days(62)
    assert forecast(*words, "--retrain-after", "0.001s").code == 0
    third = read_record(list_runs()[2])["model"]
    assert third["was_trained"]
    assert third["id"] != first["id"]
    assert "older than" in third["reason"]


def test_a_model_from_the_future_is_trained_again(trained: Path) -> None:
    shutil.copytree(trained / "model", "model")
    model = find_model(Path("model"))
    learns = replace(NIGHTLY, retraining=Retraining(after="7d"))
    now = datetime.now(UTC)
    for days, trains in ((-8.0, True), (-1.0, False), (0.01, False), (400.0, True)):
        moment = (now + timedelta(days=days)).timestamp()
        os.utime("model/model.json", (moment, moment))
        found = decide(model, plan=learns, monitoring=judge("fine"), now=now)
        assert found.trains == trains, days
        assert ("from the future" in found.reason) == (days > 1)
        never = replace(learns, retraining=Retraining("never"))
        assert not decide(model, plan=never, monitoring=judge("fine"), now=now).trains


def judge(verdict: Verdict, *reasons: str) -> Monitoring:
    return Monitoring(verdict, reasons or ("errors and coverage are as promised",), 3, 42, {}, {}, Promise(), {})


def test_drift_trains_where_that_is_asked_for_and_the_reason_says_what_monitoring_found(trained: Path) -> None:
    shutil.copytree(trained / "model", "model")
    model, drifted = find_model(Path("model")), judge("retrain", "MASE is high", "the interval is narrow")
    young = "the model is not older than 9w"
    for on_drift, monitoring, trains, reason in (
        (True, drifted, True, "monitoring says retrain: MASE is high; the interval is narrow"),
        (False, drifted, False, f"{young}, and without --retrain-on-drift it stays where monitoring says retrain"),
        (True, judge("watch", "MASE is high"), False, young),
        (True, judge("fine"), False, young),
        (False, judge("fine"), False, young),
    ):
        plan = replace(NIGHTLY, retraining=Retraining(after="9w", on_drift=on_drift))
        found = decide(model, plan=plan, monitoring=monitoring, now=datetime.now(UTC))
        assert (found.trains, found.reason) == (trains, reason)


def test_too_little_to_learn_from_is_said_and_the_base_model_forecasts() -> None:
    write_days(6, series=1)
    record = run_after(6, replace(NIGHTLY, retraining=replace(NIGHTLY.retraining, train="auto"), horizon=3))
    assert record.model is not None
    assert (record.model.kind, record.model.was_trained) == ("base", False)
    events = [json.loads(line) for line in Path(f"runs/{record.run}/log.jsonl").read_text().splitlines()]
    assert "training_skipped" in {event["event"] for event in events}


class StopAtThird:
    """Asks to stop when it is read for the third time."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self) -> int | None:
        self.reads += 1
        return signal.SIGTERM if self.reads == 3 else None


def test_a_training_that_is_stopped_goes_on_to_the_model_of_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(FINE_TUNING, steps=6)
    monkeypatch.setattr("forecaster.nightly.training.TrainingPlan", partial(TrainingPlan, settings=settings))
    monkeypatch.setattr("forecaster.learning.assess.choose_share", lambda *_, **__: KeptCard(1.0, 0.1, 0.01, 4, 3))
    write_days(60)
    learns = replace(NIGHTLY, retraining=replace(NIGHTLY.retraining, train="auto"))
    with pytest.raises(InterruptedRunError):
        run_night(learns, watch=lambda: nullcontext(StopAtThird()))
    stopped = read_record(list_runs()[0])
    assert stopped["exit_code"] == 143
    assert stopped["message"].endswith(
        "the work is saved in model/checkpoint.safetensors. The next run continues it if the data are "
        "still the same, and else trains from the start."
    )
    assert Path("model/checkpoint.safetensors").exists()
    events: list[Event] = []
    run_night(learns, listen=events.append)
    assert "training_resumed" in [event.name for event in events]
    assert not Path("model/checkpoint.safetensors").exists()
    run_night(replace(learns, model=Path("whole"), runs=Path("others")))
    assert read_card(Path("model")).checksums == read_card(Path("whole")).checksums


def test_drift_trains_once_as_runs_of_the_replaced_model_no_longer_count(forecast: Command) -> None:
    words = ("run", "shops.csv", "--horizon", "7", "--budget", "0.2s", "--retrain-on-drift")
    for days in (60, 62, 64, 66, 68):
        table = write_days(days, series=4)
        table.loc[table["date"] > "2024-02-29", "sales"] *= 3
        table.to_csv("shops.csv", index=False)
        outcome = forecast(*words)
        assert outcome.code == 0, outcome.stderr
    records = [read_record(run) for run in list_runs()]
    assert [record["model"]["was_trained"] for record in records] == [True, False, False, True, False]
    assert [record["verdict"] for record in records][-2:] == ["retrain", "fine"]
    assert re.match(r"monitoring says retrain: MASE [\d.]+ is [\d.]+ times the", records[-2]["model"]["reason"])
    assert "3 runs of models that were replaced do not count" in outcome.stderr
    # and the same from outside
    found = json.loads(forecast("monitor", "shops.csv", "--json").stdout)
    assert (found["verdict"], found["runs"]) == ("fine", 4)


def test_a_stopped_training_begins_again_where_the_data_have_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(FINE_TUNING, steps=6)
    monkeypatch.setattr("forecaster.nightly.training.TrainingPlan", partial(TrainingPlan, settings=settings))
    write_days(60)
    learns = replace(NIGHTLY, retraining=replace(NIGHTLY.retraining, train="auto"))
    with pytest.raises(InterruptedRunError, match="if the data are still the same"):
        run_night(learns, watch=lambda: nullcontext(StopAtThird()))
    write_days(61)
    events: list[Event] = []
    run_night(learns, listen=events.append)
    names = [event.name for event in events]
    assert ("training_restarted" in names, "training_resumed" in names) == (True, False)
