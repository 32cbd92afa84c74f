"""The audit of data as tables."""

from rich.table import Table

from forecaster.library.checking import Findings
from forecaster.report.console import Reporter

__all__ = ["show_findings"]


def show_findings(found: Findings, *, reporter: Reporter) -> None:
    """What the data was taken for, then what was found in it."""
    if found.facts:
        facts = Table(title=found.name, title_justify="left", show_header=False)
        for name, value in found.facts:
            facts.add_row(name, value)
        reporter.show_table(facts)
    if not found.findings:
        reporter.say("Nothing was found that needs attention.")
        return
    table = Table(title="Findings", title_justify="left", show_lines=True)
    for heading in ("code", "what", "count", "examples", "what to do"):
        table.add_column(heading, justify="right" if heading == "count" else "left")
    for finding in found.findings:
        row = finding.as_plain()
        table.add_row(
            finding.code, row["what"], f"{finding.count:,}", "; ".join(finding.short_examples), finding.action
        )
    reporter.show_table(table)
    reporter.say(f"Found: {', '.join(found.count_kinds())}. The codes are explained in docs/findings.md.")
