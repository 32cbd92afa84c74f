"""Report what covariates are worth: a table."""

from rich.table import Table

from forecaster.evaluation.worth import MOST_COLUMNS, Worth
from forecaster.report.console import Reporter

__all__ = ["show_worth"]


def show_worth(worth: Worth, *, title: str, reporter: Reporter) -> None:
    """Print the scores with all covariates, with none, and without each column."""
    table = Table(title=title, title_justify="left")
    table.add_column("covariates")
    metrics = ("MASE", "WAPE", "WQL")
    for metric in (*metrics, f"change of {worth.metric}"):
        table.add_column(metric, justify="right")
    table.add_row("all", *(_round(worth.overall[metric]) for metric in metrics), "")
    for one in worth.without:
        change = "–" if one.change is None else f"{one.change:+.3f}"
        error = "" if one.error is None else f" ± {one.error:.3f}"
        table.add_row(worth.name(one), *(_round(one.overall[metric]) for metric in metrics), change + error)
    reporter.show_table(table)
    if len(worth.columns) > MOST_COLUMNS:
        reporter.say(f"More than {MOST_COLUMNS} columns: what each of them is worth was not measured.")


def _round(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
