"""The log of a run: one event for each thing that happened, with a name that stays, as lines of JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from forecaster.files import explain_write_error

__all__ = ["Event", "EventLog", "Level", "write_time"]

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Event:
    """What happened: `name` is one word per kind of event, `message` a sentence, `fields` its numbers."""

    time: datetime
    level: Level
    name: str
    message: str
    fields: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """One line of plain ASCII: control characters and line ends are escapes."""
        content = {
            "time": write_time(self.time, digits="milliseconds"),
            "level": self.level,
            "event": self.name,
            "message": self.message,
            **self.fields,
        }
        return json.dumps(content, allow_nan=False, default=str)


class EventLog:
    """Passes events on to `listen`, and appends them to a file from the moment that there is one."""

    def __init__(self, listen: Callable[[Event], None], *, clock: Callable[[], datetime]) -> None:
        self._listen, self._clock = listen, clock
        self._events: list[Event] = []
        self._path: Path | None = None

    def open(self, path: Path) -> None:
        """Write all events to `path`, the past ones too."""
        self._path = path
        self._write(self._events)

    def move(self, path: Path) -> None:
        """The file was renamed to `path`."""
        self._path = path

    def add(self, name: str, message: str, *, level: Level = "info", **fields: Any) -> None:
        """Something happened."""
        event = Event(self._clock(), level, name, message, fields)
        self._events.append(event)
        self._write([event])
        self._listen(event)

    def _write(self, events: list[Event]) -> None:
        """Append to the file, if there is one. Raises BusyError where the disk is full."""
        if self._path is None:
            return
        try:
            with self._path.open("a") as file:
                file.write("".join(f"{event.as_json()}\n" for event in events))
        except OSError as error:
            raise explain_write_error(error, path=self._path, flag="--runs") from error


def write_time(moment: datetime, *, digits: str = "seconds") -> str:
    """A moment in UTC in ISO 8601, such as 2026-03-01T03:00:00Z; `digits` are seconds or milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec=digits).replace("+00:00", "Z")
