"""Messages, tables and progress bars on stderr, and the JSON summary."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from forecaster.report.plain import show_controls

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["Reporter"]

Show = Callable[[float, str], None]

LOG_WIDTH = 120
"""Columns in a log, where no terminal limits the width of tables."""
WIDEST = 10_000
"""Columns in which any table has room, to measure it."""


class Reporter:
    """Prints to stderr, unless `quiet`. With `data_on_stdout` the JSON summary goes to stderr, too.

    rich is imported only when a table or a progress bar is shown: a nightly forecast has neither.
    """

    def __init__(self, *, quiet: bool = False, data_on_stdout: bool = False) -> None:
        self.quiet = quiet
        self.is_interactive = sys.stderr.isatty()
        self.width = shutil.get_terminal_size().columns if self.is_interactive else LOG_WIDTH
        self._json_stream = sys.stderr if data_on_stdout else sys.stdout

    def say(self, text: str) -> None:
        """One line of plain text; control characters in it are shown as escapes."""
        if not self.quiet:
            print(show_controls(text), file=sys.stderr, flush=True)

    def log(self, text: str) -> None:
        """Print a line where stderr is not interactive, in place of a progress bar."""
        if not self.is_interactive:
            self.say(text)

    def show_table(self, table: "Table") -> None:
        """A table, whose texts are shown as they are: `[red]` is no colour; control characters are escapes."""
        if not self.quiet:
            self._console().print(table)

    def show_fitted(
        self, make: "Callable[[Sequence[str]], Table]", *, names: Sequence[str], least: Iterable[str]
    ) -> list[str]:
        """The table that `make` gives of the columns `names`, which may not be wider than the terminal.

        While it is, the next of `least` is left out. Gives the names of those.
        """
        if self.quiet:
            return []
        console, shown, left_out = self._console(), [*names], []
        for name in least:
            wide = console.options.update(width=WIDEST)
            if console.measure(make(shown), options=wide).minimum <= self.width:
                break
            shown.remove(name)
            left_out.append(name)
        console.print(make(shown))
        return left_out

    def emit_json(self, summary: dict[str, Any]) -> None:
        """Print `summary` as one line, even when quiet, as the user asked for it."""
        print(json.dumps(summary, allow_nan=False), file=self._json_stream)

    @contextmanager
    def progress(self, title: str) -> Iterator[Show]:
        """A progress bar with the time left where stderr is interactive, and nothing in a log.

        Yields a function that takes the fraction that is done and a few words.
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

        class PlainConsole(Console):
            """A console for texts that come from files: the titles and cells of a table pass through here."""

            def render_str(self, text: str, **options: Any) -> "Text":
                return super().render_str(show_controls(text), **options)

        return PlainConsole(stderr=True, width=self.width, highlight=False, markup=False, emoji=False)
