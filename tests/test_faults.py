"""The benchmark that sends signals to commands: its signals arrive, wherever it was started."""

import signal

import pytest

from benchmarks import faults


def test_an_interrupt_counts_where_the_benchmark_itself_ignores_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(faults.COMMANDS, "waits", [])
    monkeypatch.setattr(faults, "PROGRAM", ["sleep", "60"])
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as for a job in the background of a shell
    try:
        monkeypatch.setattr(faults, "TIMEOUT_SECONDS", 5.0)
        outcome = faults.signal_once("waits", number=signal.SIGINT, seconds=0.05, whole={})
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.result == "before the program began", outcome
