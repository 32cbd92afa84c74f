"""Training in the fork of a process that has trained: refused, as torch would wait for its threads."""

import os
import signal

import pandas as pd
import pytest

import forecaster
from forecaster.errors import ConfigurationError
from forecaster.library import functions
from tests.test_library import AIRLINE, PLAN


@pytest.fixture
def airline() -> pd.DataFrame:
    return pd.read_csv(AIRLINE)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process without forks")
def test_a_fork_of_a_process_that_has_trained_does_not_wait_for_ever(
    airline: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "THREADED_IN", {os.getpid()})
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a fork that waits is killed
        try:
            forecaster.train(airline, plan=PLAN)
        except ConfigurationError as error:
            os._exit(7 if 'multiprocessing.get_context("spawn")' in str(error) else 1)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize("cores", [1, 2])
def test_only_a_training_in_several_threads_is_noted(
    airline: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(functions, "THREADED_IN", set())
    monkeypatch.setattr(functions, "count_usable_cpus", lambda: cores)
    forecaster.train(airline, plan=PLAN)
    assert ({os.getpid()} if cores > 1 else set()) == functions.THREADED_IN
