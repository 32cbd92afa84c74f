"""`forecast check`: what is found in the data, without a forecast."""

from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecaster.library.inputs import Given

__all__ = ["check"]


@expand_groups
def check(
    data: options.Data,
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    fix: Annotated[
        str | None,
        option(
            "--fix",
            help="Write the data, sorted, with repeated rows merged by --duplicates, to this file, such as fixed.csv.",
            heading=options.OUTPUT,
            unit="FILE",
        ),
    ] = None,
    empty: Annotated[
        str,
        option(
            "--empty",
            help="With --fix: findings whose values are emptied, comma-separated: W301 (marks), W302 (outliers).",
            heading=options.OUTPUT,
            unit="CODES",
        ),
    ] = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show what DATA is taken for and what is wrong or unusual in it, without a forecast.

    Example: forecast check sample_data/air_passengers.csv
    """
    from forecaster.errors import DataError, UsageError
    from forecaster.library.checking import check as audit
    from forecaster.library.repairing import parse_emptied
    from forecaster.report.console import Reporter
    from forecaster.report.findings import show_findings

    begun = monotonic()
    output = None if fix is None else _check_fix(fix, read=[data, *reading.holiday_files], as_json=as_json)
    emptied = parse_emptied(empty)
    if emptied and output is None:
        raise UsageError("--empty needs --fix: name the file to write.")
    reporter = Reporter(quiet=quiet, data_on_stdout=output == "-")
    found = audit(data, reading=reading, until=until)
    show_findings(found, reporter=reporter)
    changes: list[str] = []
    # rows that repeat a timestamp are merged by the rule that the user gives, and by no other
    if output is not None and found.given is not None and not found.has_errors:
        changes, options_needed = _write_fixed(found.given, output=output, emptied=emptied, reading=reading)
        reporter.say(
            f"{'; '.join(changes) or 'nothing to change'}; written to {'stdout' if output == '-' else output}."
        )
        if options_needed is None:
            reporter.say("What was written is not read as these data are: 'forecast check' of that file says why.")
        elif options_needed:
            reporter.say(f"To be read as here, it needs {options_needed}.")
    if as_json:
        reporter.emit_json(
            {"command": "check", **found.as_plain(), "changes": changes, "seconds": round(monotonic() - begun, 3)}
        )
    if found.has_errors:
        raise typer.Exit(DataError.exit_code)


def _check_fix(fix: str, *, read: "list[Sequence[str]]", as_json: bool) -> str:
    """The file to write. Raises what `resolve_output`, `check_outputs` and `check_writable` raise."""
    from pathlib import Path

    from forecaster.cli.inputs import check_outputs
    from forecaster.files import check_writable
    from forecaster.forecasting.writing import READABLE, resolve_output

    output = resolve_output(fix, flag="--fix", endings=READABLE)
    check_outputs([output], data=read, flag="--fix", as_json=as_json and output != "-")
    if output != "-":
        check_writable(Path(output))
    return output


def _write_fixed(
    given: "Given", *, output: str, emptied: tuple[str, ...], reading: ReadOptions
) -> tuple[list[str], str | None]:
    """Write the repaired data; what was changed, in words, and the options to read it with, see `make_readable`."""
    from forecaster.forecasting.writing import READABLE, write_table
    from forecaster.library.reading_back import make_readable
    from forecaster.library.repairing import repair

    table, changes = repair(given, emptied=emptied)
    ending = next((one for one in READABLE if output.endswith(one)), ".csv")
    readable, needed = make_readable(table, given, reading=reading, ending=ending)
    if [*readable] != [*table]:
        changes.append(f"the time, in {given.panel.time_column!r}, called 'timestamp'")
    write_table(readable, output=output)
    return changes, needed
