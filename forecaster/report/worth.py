"""Report what covariates are worth: a table."""

from rich.table import Table

from forecaster.evaluation.worth import MOST_COLUMNS, Worth
from forecaster.report.console import Reporter
from forecaster.report.numbers import round_score

__all__ = ["show_worth", "tabulate_worth"]


def show_worth(worth: Worth, *, title: str, reporter: Reporter) -> None:
    """Print the scores with all covariates, with none, and without each column."""
    (heading, *metrics), *rows = tabulate_worth(worth, heading="covariates")
    table = Table(title=title, title_justify="left")
    table.add_column(heading)
    for metric in metrics:
        table.add_column(metric, justify="right")
    for row in rows:
        table.add_row(*row)
    reporter.show_table(table)
    if worth.sample:
        reporter.say(f"All of these are measured {worth.sample}.")
    if len(worth.columns) > MOST_COLUMNS:
        reporter.say(f"More than {MOST_COLUMNS} columns: what each of them is worth was not measured.")


def tabulate_worth(worth: Worth, *, heading: str) -> list[tuple[str, ...]]:
    """The names of the columns, the first of which is `heading`, and a row for all covariates and without each."""
    metrics = ("MASE", "WAPE", "WQL")
    rows: list[tuple[str, ...]] = [(heading, *metrics, f"change of {worth.metric}")]
    rows.append(("all", *(round_score(metric, worth.overall[metric]) for metric in metrics), ""))
    for one in worth.without:
        change = "–" if one.change is None else f"{one.change:+.3f}"
        error = "" if one.error is None else f" ± {one.error:.3f}"
        scores = (round_score(metric, one.overall[metric]) for metric in metrics)
        rows.append((worth.name(one), *scores, change + error))
    return rows
