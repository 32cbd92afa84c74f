"""Report what covariates are worth: a table."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from forecaster.evaluation.worth import MOST_COLUMNS, Worth
from forecaster.report.console import Reporter
from forecaster.report.numbers import round_score

__all__ = ["show_worth", "tabulate_worth"]

METRICS = ("MASE", "WAPE", "WQL")
LEAST = ("WAPE", "WQL", "MASE")
"""What is left out first where there is no room."""
NARROWEST_NAMES, OTHERS = 12, 48
"""Columns of a terminal for the names at least, and for all else."""
ROOMY = 90
"""Columns of a terminal in which headings take one line."""


def show_worth(worth: Worth, *, title: str, reporter: Reporter) -> None:
    """Print the scores with all covariates, with none, and without each column."""
    (heading, *metrics), *rows = tabulate_worth(worth, heading="covariates")

    def make(names: Sequence[str]) -> Table:
        table = Table(title=title, title_justify="left")
        table.add_column(heading, max_width=max(NARROWEST_NAMES, reporter.width - OTHERS), overflow="fold")
        for name in names:
            text = Text(name.replace(" of ", " of\n")) if reporter.width < ROOMY else name
            table.add_column(text, justify="right", no_wrap=True)
        for name, *cells in rows:
            table.add_row(name, *(cell for metric, cell in zip(metrics, cells, strict=True) if metric in names))
        return table

    left_out = reporter.show_fitted(make, names=metrics, least=LEAST)
    if left_out:
        reporter.say(f"No room for {', '.join(left_out)} of these.")
    if worth.sample:
        reporter.say(f"All of these are measured {worth.sample}.")
    if len(worth.columns) > MOST_COLUMNS:
        reporter.say(f"More than {MOST_COLUMNS} columns: what each of them is worth was not measured.")


def tabulate_worth(worth: Worth, *, heading: str) -> list[tuple[str, ...]]:
    """The names of the columns, the first of which is `heading`, and a row for all covariates and without each."""
    rows: list[tuple[str, ...]] = [(heading, *METRICS, f"change of {worth.metric}")]
    rows.append(("all", *(round_score(metric, worth.overall[metric]) for metric in METRICS), ""))
    for one in worth.without:
        change = "–" if one.change is None else f"{one.change:+.3f}"
        error = "" if one.error is None else f" ± {one.error:.3f}"
        scores = (round_score(metric, one.overall[metric]) for metric in METRICS)
        rows.append((worth.name(one), *scores, change + error))
    return rows
