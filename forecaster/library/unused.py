"""Read the columns that a forecast does not use, beside its targets, to check them."""

from dataclasses import replace

from forecaster.data.cells.text_columns import read_sample
from forecaster.data.checks.column_checks import check_columns, put_side_by_side
from forecaster.data.checks.findings import EXAMPLES, KINDS, Finding
from forecaster.data.files.contents import find_contents
from forecaster.data.layouts.sniffing import find_sources
from forecaster.data.numbers.number_cells import looks_numeric
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.data.times.moments import parse_moment
from forecaster.errors import DataError
from forecaster.library.inputs import STREAM, Given
from forecaster.library.remembered import leave_out
from forecaster.windows import keep_until

__all__ = ["check_unused"]

MOST_COLUMNS = 12


def check_unused(given: Given, *, reading: ReadOptions, until: str | None = None) -> tuple[Finding, ...]:
    """What is found of the columns that are not used in `given`, which was read by `reading`, up to `until`.

    Nothing in a wide table, whose columns are series, where rows are counted, and of text from stdin or a pipe, which
    cannot be read again.
    """
    columns = given.summary.columns
    if columns.wide or reading.counts_rows or not columns.ignored:
        return ()
    if given.frame is None and given.locations == STREAM:
        return ()
    if given.frame is None:
        contents, _ = find_contents(given.locations)
        sample = read_sample(find_sources(contents[:1], options=reading)[0])
    else:
        from forecaster.data.frames import list_samples  # noqa: PLC0415 - text is no frame

        sample = list_samples(given.frame)
    # several targets are given in one text, separated by commas
    is_listed = "," not in "".join(columns.targets)
    unchanging = _find_unchanging(given, reading=reading)
    numbers = [
        name
        for name in columns.ignored
        if is_listed and "," not in name and name in sample and looks_numeric(sample[name])
    ]
    # as a target of its own, an unused column would be compared with the covariates
    options = replace(leave_out(columns.explanatory, reading=reading, columns=columns), ids=columns.ids or ("",))
    unused = tuple(numbers[:MOST_COLUMNS])
    panel = _read(given, columns.targets + unused, options=options)
    if panel is None:  # a cell that is no number, in a column that no forecast needs
        unused = tuple(name for name in unused if _read(given, (*columns.targets, name), options=options) is not None)
        panel = _read(given, columns.targets + unused, options=options)
    if panel is None or not unused:
        return unchanging
    if until is not None:
        panel = keep_until(panel, until=parse_moment(until, panel=panel))
    table = put_side_by_side(panel, names=(*columns.targets, *unused), targets=len(columns.targets))
    return (*check_columns(table), *unchanging)


def _find_unchanging(given: Given, *, reading: ReadOptions) -> tuple[Finding, ...]:
    """The columns that are the same in all rows of each series, of those that are in the first rows."""
    columns = given.summary.columns
    names = [name for name in columns.may_be_static[:MOST_COLUMNS] if "," not in name]
    options = replace(leave_out(columns.explanatory, reading=reading, columns=columns), ids=columns.ids)
    found = [
        name for name in names if _read(given, columns.targets, options=replace(options, static=(name,))) is not None
    ]
    kind = KINDS["N403"]
    return (Finding("N403", len(found), tuple(map(repr, found[:EXAMPLES])), kind.action),) if found else ()


def _read(given: Given, targets: tuple[str, ...], *, options: ReadOptions) -> Panel | None:
    """The data with these columns as targets; None where one of them cannot be read."""
    options = replace(options, target=",".join(targets))
    try:
        if given.frame is None:
            return read_panel(given.locations, options=options)[0]
        from forecaster.data.frames import read_frame  # noqa: PLC0415 - text is no frame

        return read_frame(given.frame, options=options)[0]
    except DataError:
        return None
