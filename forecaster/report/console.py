"""Where words to the user go: stderr. Data goes elsewhere."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["Reporter"]

Show = Callable[[float, str], None]

LOG_WIDTH = 120
"""Columns where nobody watches: a log has no width to fill, so tables take what they need."""


class Reporter:
    """Says things, unless told to be quiet. `data_on_stdout` moves the JSON summary out of the data's way.

    rich is imported when a table or a bar is drawn, not before: a nightly forecast has neither.
    """

    def __init__(self, *, quiet: bool = False, data_on_stdout: bool = False) -> None:
        self.quiet = quiet
        self.is_interactive = sys.stderr.isatty()
        self.width = shutil.get_terminal_size().columns if self.is_interactive else LOG_WIDTH
        self._json_stream = sys.stderr if data_on_stdout else sys.stdout

    def say(self, text: str) -> None:
        """One line of plain text."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def log(self, text: str) -> None:
        """A line where nobody watches: what a bar shows where somebody does."""
        if not self.is_interactive:
            self.say(text)

    def show_table(self, table: "Table") -> None:
        """A table."""
        if not self.quiet:
            self._console().print(table)

    def emit_json(self, summary: dict[str, Any]) -> None:
        """`summary` as one line, even when quiet: it was asked for."""
        print(json.dumps(summary, allow_nan=False), file=self._json_stream)

    @contextmanager
    def progress(self, title: str) -> Iterator[Show]:
        """A bar with the time left while a person watches, and nothing in a log.

        Gives a function that takes the share that is done and a few words.
        """
        if self.quiet or not self.is_interactive:
            yield lambda *_: None
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.fields[words]}"))
        with Progress(*columns, *times, console=self._console(), transient=True) as bar:
            task = bar.add_task(title, total=1.0, words="")
            yield lambda done, words: bar.update(task, completed=done, words=words)

    def _console(self) -> "Console":
        from rich.console import Console  # noqa: PLC0415

        return Console(stderr=True, width=self.width, highlight=False)
