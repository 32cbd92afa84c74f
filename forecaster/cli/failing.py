"""How a failed command says so: a sentence or a line of JSON on stderr, and with --json one line of JSON on stdout."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from forecaster.cli.origin import blame_origin
from forecaster.cli.signals import RaiseOnSignal, describe_signal
from forecaster.errors import ForecastError
from forecaster.failures import explain_failure
from forecaster.report.plain import show_controls

if TYPE_CHECKING:
    from forecaster.nightly.events import Level

__all__ = ["Failing"]

NIGHTLY = ("run", "monitor")
"""Commands that programs start and whose output programs read."""
FALSE = ("", "0", "false", "no", "n", "off", "f")


class Failing:
    """What a command was asked for that decides how it fails, and what it has said of its failure itself.

    `fields` are added to the line on stdout, and `is_said` is whether the log on stderr has the failure already.
    `has_called` is whether the command itself calls the address of a health check, and `context` is that of the command
    once its options are parsed.
    """

    def __init__(self, signals: RaiseOnSignal) -> None:
        self._signals = signals
        self.command = ""
        self.context: Any = None
        self.has_json_log = self.ends_with_json = self.is_said = self.has_called = False
        self._health_check: str | None = None
        self.fields: dict[str, Any] = {}

    def note(self, command: str, words: Sequence[str], defaults: Mapping[str, Any]) -> None:
        """A command begins with these words; its options are not parsed yet, and may be the failure.

        `defaults` are those of the settings file.
        """
        self.command = command
        if command not in NIGHTLY:
            return
        if command == "run":
            self.has_json_log = _find("log-format", words, defaults) == "json"
            self._health_check = _find("ping-url", words, defaults)
        is_usual = os.environ.get("FORECAST_JSON", str(defaults.get("as_json", ""))).lower() not in FALSE
        self.ends_with_json = "--json" in words or is_usual

    @property
    def is_read_by_programs(self) -> bool:
        """Whether the failure is to be said in JSON, on either stream."""
        return self.has_json_log or self.ends_with_json

    def explain(self, error: BaseException) -> tuple[str, int]:
        """The message for `error` and the exit code: those of the signal where one came.

        A value that an option cannot take is configuration where nobody has typed it.
        """
        if self._signals.number is not None:
            return describe_signal(self._signals.number), 128 + self._signals.number
        return explain_failure(blame_origin(error, self.context))

    def call_health_check(self, exit_code: int) -> None:
        """Call the address of a run that failed before it could do so itself, as one with a bad option does."""
        if self._health_check is None or self.has_called:
            return
        from forecaster.nightly.ping import Ping

        self.has_called = True
        with suppress(ForecastError):  # the address may be what is wrong
            problem = Ping(self._health_check).end(exit_code)
            if problem:
                self.warn("not_called", problem)

    def warn(self, name: str, message: str) -> None:
        """Say what is no failure; `name` is that of the event, where the log is one."""
        if self.has_json_log:
            _write_event("warning", name, message)
        else:
            sys.stderr.write(f"warning: {show_controls(message)}\n")

    def report(self, message: str, exit_code: int) -> None:
        """Say why the command failed."""
        if not self.has_json_log:
            sys.stderr.write(f"error: {show_controls(message)}\n")
        elif not self.is_said:
            _write_event("error", "error", message, exit_code=exit_code)
        if self.ends_with_json:
            import json

            status = "interrupted" if exit_code > 128 else "failed"
            content = {"command": self.command, **self.fields, "status": status, "exit_code": exit_code}
            with suppress(ForecastError):  # stdout may be what failed
                sys.stdout.write(json.dumps(content | {"message": message}, allow_nan=False) + "\n")
                sys.stdout.flush()


def _find(name: str, words: Sequence[str], defaults: Mapping[str, Any]) -> str | None:
    """The value of an option, by its `name` without dashes, in words that are not parsed yet, or elsewhere."""
    given = [after for word, after in pairwise(words) if word == f"--{name}"]
    given += [word.partition("=")[2] for word in words if word.startswith(f"--{name}=")]
    variable = name.replace("-", "_")
    return given[-1] if given else os.environ.get(f"FORECAST_{variable.upper()}") or defaults.get(variable)


def _write_event(level: "Level", name: str, message: str, **fields: Any) -> None:
    from datetime import UTC, datetime

    from forecaster.nightly.events import Event

    sys.stderr.write(f"{Event(datetime.now(UTC), level, name, message, fields).as_json()}\n")
