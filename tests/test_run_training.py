"""When `forecast run` trains, and that it never loads torch where it does not."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.conftest import Command
from tests.nightly import NIGHTLY, list_runs, run_after, write_days
from tests.test_run import read_record


def test_no_torch_without_a_training() -> None:
    write_days(60)
    code = (
        "import sys; from forecaster.cli.app import run; code = run(['run', 'shops.csv', '--train', 'never', '-q']); "
        "print(code, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False"]


def test_a_model_is_trained_where_there_is_none_and_again_when_it_is_old(forecast: Command) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--horizon", "7", "--budget", "1s")
    assert forecast(*words).code == 0
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


def test_too_little_to_learn_from_is_said_and_the_base_model_forecasts() -> None:
    write_days(6, series=1)
    record = run_after(6, replace(NIGHTLY, retraining=replace(NIGHTLY.retraining, train="auto"), horizon=3))
    assert record.model is not None
    assert (record.model.kind, record.model.was_trained) == ("base", False)
    events = [json.loads(line) for line in Path(f"runs/{record.run}/log.jsonl").read_text().splitlines()]
    assert "training_skipped" in {event["event"] for event in events}
