"""Read files into a Panel, whatever their kind."""

from collections.abc import Sequence
from dataclasses import replace

from forecaster.data.files.contents import find_contents, find_kind
from forecaster.data.files.finding import describe_names
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.grids.tables import append_future, read_future, read_tables
from forecaster.data.layouts.sniffing import find_sources
from forecaster.data.panel import Panel
from forecaster.data.problems import Problems
from forecaster.data.read_options import ReadOptions
from forecaster.data.table_to_panel import check_future_use, make_panel

__all__ = ["read_panel"]


def read_panel(
    data: str | Sequence[str], *, options: ReadOptions | None = None, future: str | None = None
) -> tuple[Panel, ReadSummary]:
    """Read `data` (a file, `-`, a folder or a glob, or several of them in their order) into a Panel.

    `future` is a file of any kind with covariates on the steps after it.

    In a folder or a glob, files written by forecast are left out, with a note in the summary. Raises NotFoundError
    where there is nothing to read, UsageError for options that name something that does not exist, and DataError,
    naming file, series and line, for input that cannot be forecast.
    """
    options = options or ReadOptions()
    names = (data,) if isinstance(data, str) else tuple(data)
    contents, found = find_contents(names)
    later = None if future is None else find_contents((future,))[0]
    name = contents[0].name if len(contents) == 1 else describe_names(names)
    if find_kind(contents) != "CSV":
        from forecaster.data.typed_tables import read_typed  # noqa: PLC0415 - rarer than text, and slower to import

        panel, summary = read_typed(contents, name=name, options=options, future=later)
        found_out: tuple[str, ...] = ()
    else:
        sources, problems = find_sources(contents, options=options), Problems()
        table, columns = read_tables(sources, name=name, options=options, problems=problems)
        files = len(table.files)
        if later is not None:
            check_future_use(columns)
            if find_kind(later) == "CSV":
                told = replace(options, skip_lines=None)
                table = read_future(find_sources(later, options=told), table, columns=columns, options=options)
            else:
                from forecaster.data.typed_tables import read_typed_future  # noqa: PLC0415 - rarer than text

                part = read_typed_future(later, columns=columns, options=options)
                table = append_future(table, [part], columns=columns)
        panel, summary = make_panel(table, columns=columns, options=options, problems=problems, files=files)
        found_out = tuple(dict.fromkeys(note for source in sources for note in source.notes))
    left_out = (f"left out: {found.describe_own()}, which forecast wrote",) if found.own else ()
    return panel, replace(summary, notes=summary.notes + found_out + left_out)
