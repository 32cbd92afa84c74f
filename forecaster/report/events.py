"""Show the events of a nightly run: as sentences for people, or as lines of JSON for a log collector."""

from forecaster.nightly.events import Event
from forecaster.report.console import Reporter

__all__ = ["show_event"]

SHOWN_AT_THE_END = ("run_ended", "nothing_new")
"""Of which the command itself says more."""


def show_event(event: Event, reporter: Reporter, *, as_json: bool) -> None:
    """One line on stderr; as text, a remark on the data is set off, and warnings begin with that word."""
    if as_json:
        reporter.say(event.as_json())
    elif event.name == "remark":
        reporter.say(f"  {event.message}")
    elif event.level == "warning":
        reporter.say(f"warning: {event.message}")
    elif event.level == "info" and event.name not in SHOWN_AT_THE_END:
        reporter.say(f"{event.name.replace('_', ' ')}: {event.message}")
