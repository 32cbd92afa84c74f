"""`forecast check`: what is found in the data, without a forecast."""

from time import monotonic

import typer

from forecaster.cli import options
from forecaster.data.read_options import ReadOptions

__all__ = ["check"]


@options.expand_groups
def check(
    data: options.Data,
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show what DATA is taken for and what is wrong or unusual in it, without a forecast.

    Example: forecast check sample_data/air_passengers.csv
    """
    from forecaster.errors import DataError
    from forecaster.library.checking import check as audit
    from forecaster.report.console import Reporter
    from forecaster.report.findings import show_findings

    begun = monotonic()
    reporter = Reporter(quiet=quiet)
    found = audit(data, reading=reading, until=until)
    show_findings(found, reporter=reporter)
    if as_json:
        reporter.emit_json({"command": "check", **found.as_plain(), "seconds": round(monotonic() - begun, 3)})
    if found.has_errors:
        raise typer.Exit(DataError.exit_code)
