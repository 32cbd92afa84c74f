"""What was found in the input, in a line or two."""

from forecaster.data.panel import Panel
from forecaster.data.reading import ReadSummary
from forecaster.report.console import count_things

__all__ = ["describe_input"]


def describe_input(panel: Panel, summary: ReadSummary, *, name: str) -> list[str]:
    """Lines that say what was decided, and what was done about what is missing."""
    count, columns = len(panel), summary.columns
    rows = summary.rows // (len(columns.targets) if columns.wide else 1)
    lines = [f"{name}: {count_things(rows, 'row')}, {count:,} series, {panel.calendar.name}; {columns.describe()}"]
    repairs = [
        (summary.merged_rows, "repeated row", "merged"),
        (summary.missing_values, "missing value", ""),
        (summary.missing_rows, "missing row", ""),
        (summary.trailing_rows, "row", "without a value at the ends left out"),
    ]
    repaired = [f"{count_things(number, noun)} {words}".rstrip() for number, noun, words in repairs if number]
    if repaired:
        lines.append("  " + ", ".join(repaired) + "; what is missing is masked, not filled in")
    return lines + [f"  {note}" for note in summary.notes]
