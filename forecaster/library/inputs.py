"""Read the data that a user gives: a file, a folder, a glob, several of them, stdin, or a pandas frame."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from forecaster.data.checks.audit import audit
from forecaster.data.checks.findings import Finding
from forecaster.data.covariates import join_covariates
from forecaster.data.files.contents import can_be_read_again
from forecaster.data.files.finding import describe_names
from forecaster.data.grids.covariate_grid import settle_overlap
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions, is_holiday_file, split_names
from forecaster.data.reading import read_panel
from forecaster.data.times.moments import parse_moment
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.errors import UsageError
from forecaster.library.covariate_remarks import describe_spellings
from forecaster.library.hiding import hide_content
from forecaster.library.learned_columns import fit_covariates
from forecaster.library.remarks import describe_findings, describe_input
from forecaster.limits import check_kind
from forecaster.windows import keep_until

if TYPE_CHECKING:
    import pandas as pd

    from forecaster.data.covariate_sources.holidays import Holidays

__all__ = [
    "STREAM",
    "Data",
    "Future",
    "Given",
    "Remark",
    "describe_dates",
    "ignore",
    "list_locations",
    "list_names",
    "read_data",
    "restore_types",
    "tell",
    "use_dates",
]

Data: TypeAlias = "str | Path | Sequence[str | Path] | pd.DataFrame | pd.Series[Any]"
Future: TypeAlias = "str | Path | pd.DataFrame | None"
Remark = Callable[[str], None]
"""Called with each line on what was detected in the data, and on what to know about the result."""

STREAM = ("-",)
"""The location of stdin or a pipe, which cannot be read again."""


def ignore(_: str) -> None:
    """Ignore a remark."""


def tell(on_remark: Remark | None, lines: Iterable[str]) -> None:
    """Call `on_remark`, if there is one, with each of the `lines`."""
    for line in lines:
        if on_remark is not None:
            on_remark(line)


@dataclass(frozen=True)
class Given:
    """Data that was read: its series, its name in messages, and the locations to read it from again.

    `summary` says how it was read, `findings` what the user should know of it. `frame` has the types of its columns,
    None for text; `locations` are STREAM for stdin or a pipe, and none for a frame. `holidays` are countries and files,
    see `read_holidays`, which a model named, not the user, where it `remembers_holidays`, and `calendar` kinds, see
    `choose_kinds`; `names_last_day` says that a timestamp is that of the last day of its step.
    """

    panel: Panel
    name: str
    locations: tuple[str, ...]
    summary: ReadSummary
    findings: tuple[Finding, ...] = ()
    frame: "pd.DataFrame | pd.Series[Any] | None" = None
    holidays: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    names_last_day: bool = False
    remembers_holidays: bool = False
    occurring: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"<Given: {self.name}, {len(self.panel):,} series>"

    def look_ahead(self, steps: int) -> Panel:
        """The panel with its holidays and what its calendar tells as covariates, too, in all steps and so many after
        the end of each series.

        Raises what `read_holidays` and `add_calendar` raise.
        """
        found = [] if self.panel.covariates is None else [self.panel.covariates]
        if self.holidays:
            from forecaster.data.covariate_sources.holidays import add_holidays  # noqa: PLC0415 - not all runs have them

            last_day, occurring = self.names_last_day, self.occurring
            found.append(
                add_holidays(
                    self.panel, self._read_holidays(steps), ahead=steps, names_last_day=last_day, occurring=occurring
                )
            )
        if self.calendar:
            from forecaster.data.covariate_sources.calendar_covariates import add_calendar  # noqa: PLC0415 - not all runs have them

            found.append(add_calendar(self.panel, self.calendar, ahead=steps, names_last_day=self.names_last_day))
        return replace(self.panel, covariates=join_covariates(found)) if found else self.panel

    def list_occurring(self) -> tuple[str, ...] | None:
        """The holidays that have an effect of their own, see `add_holidays`; None where holidays explain nothing."""
        if not self.holidays:
            return None
        from forecaster.data.covariate_sources.holidays import list_occurring  # noqa: PLC0415 - not all runs have them

        return list_occurring(self.panel, self._read_holidays(0), names_last_day=self.names_last_day)

    def _read_holidays(self, steps: int) -> "Holidays":
        from forecaster.data.covariate_sources.holidays import read_holidays  # noqa: PLC0415 - not all runs have them

        files = [name for name in self.holidays if is_holiday_file(name)]
        is_hidden = files and self.remembers_holidays
        with hide_content(files, what="the file of holidays", flag="--holidays ") if is_hidden else nullcontext():
            return read_holidays(self.holidays, panel=self.panel, ahead=steps)

    def restore_types(self, table: "pd.DataFrame") -> "pd.DataFrame":
        """`table` of forecasts, with the ids and times in the types that they have in the data, if it has types."""
        return restore_types(table, self.frame, panel=self.panel)

    def list_warnings(self) -> list[dict[str, Any]]:
        """The findings that are warnings, for JSON."""
        return [finding.as_plain() for finding in self.findings if finding.severity == "warning"]


def restore_types(
    table: "pd.DataFrame", frame: "pd.DataFrame | pd.Series[Any] | None", *, panel: Panel
) -> "pd.DataFrame":
    """`table` with the ids and times in the types that they have in the `frame` of the data, if there is one."""
    if frame is None:
        return table
    from forecaster.data import frames  # noqa: PLC0415 - text has no types

    return frames.restore_types(table, frame, panel=panel)


def list_names(data: Data) -> tuple[str, ...]:
    """The names of the files, folders and globs that hold the data; none for a frame.

    Raises UsageError for a list of anything else, and for what is neither.
    """
    if isinstance(data, str | Path):
        return (str(data),)
    if not isinstance(data, list | tuple):
        _check_type("DATA", data)
        return ()
    if not data or not all(isinstance(name, str | Path) for name in data):
        raise UsageError("DATA: a list needs to hold names of files. Join frames to a single one with pandas.concat.")
    return tuple(map(str, data))


def _check_type(name: str, data: object) -> None:
    """Raise UsageError where this is no frame, told without importing pandas."""
    if not hasattr(data, "iloc"):
        raise UsageError(
            f"{name}: {type(data).__name__} is no frame of pandas, nor a name of a file. Give one of these."
        )


def list_locations(names: Sequence[str]) -> tuple[str, ...]:
    """The absolute paths of `names`, or STREAM where the data cannot be read again."""
    return tuple(str(Path(name).absolute()) for name in names) if all(map(can_be_read_again, names)) else STREAM


def read_data(
    data: Data,
    *,
    reading: ReadOptions | None = None,
    until: str | None = None,
    future: Future = None,
    pooled: PooledEffects | None = None,
    on_remark: Remark | None = ignore,
) -> Given:
    """Read `data` and report in a line or two what was detected; steps after the timestamp `until` are left out.

    Categories are expressed as a model has them that learned `pooled` effects.

    `future` has the covariates of later steps, as a file or a frame, like the data. Raises NotFoundError, DataError and
    UsageError as `read_panel` and `read_frame` do.
    """
    names = list_names(data)
    check_kind("reading", reading, ReadOptions)
    check_kind("on_remark", on_remark, Remark)
    if names:
        if "-" in names and str(future) == "-":
            raise UsageError("DATA and --future are both stdin, which can be read once. Write one of them to a file.")
        panel, summary = read_panel(names, options=reading, future=_name_future(future))
        given = Given(panel, describe_names(names), list_locations(names), summary, frame=summary.frame)
    else:
        from forecaster.data.frames import NAME, read_frame  # noqa: PLC0415 - no command reads a frame

        frame = cast("pd.DataFrame", data)
        panel, summary = read_frame(frame, options=reading, future=_check_frame(future))
        given = Given(panel, NAME, (), summary, frame=frame)
    panel, unfit = fit_covariates(panel, pooled)
    tell(on_remark, describe_input(panel, summary, name="stdin" if names == STREAM else given.name) + unfit)
    tell(on_remark, describe_spellings(panel))
    empty = () if panel.attributes is None else panel.attributes.list_empty()
    tell(on_remark, (f"  {column} (--static): no row has a value, so nothing is known of it" for column in empty))
    given = use_dates(replace(given, panel=panel), reading)
    tell(on_remark, describe_dates(given))
    if until is not None:
        panel = keep_until(panel, until=parse_moment(until, panel=panel))
        if not len(panel.values):
            raise UsageError(f"--until {until}: no series begins before it.")
    panel, overlapping = settle_overlap(panel)
    tell(on_remark, overlapping)
    given = replace(given, panel=panel, findings=audit(panel, summary))
    tell(on_remark, describe_findings(given.findings, names=names))
    return given


def use_dates(given: Given, reading: ReadOptions | None) -> Given:
    """`given` with the holidays, and what the calendar tells, that `reading` names.

    Raises UsageError for what the calendar does not tell of such steps.
    """
    if reading is None:
        return given
    calendar: tuple[str, ...] = ()
    if split_names(reading.calendar):
        from forecaster.data.covariate_sources.calendar_covariates import choose_kinds  # noqa: PLC0415 - not all runs have them

        calendar = choose_kinds(split_names(reading.calendar), calendar=given.panel.calendar)
    return replace(given, holidays=split_names(reading.holidays), calendar=calendar, names_last_day=reading.makes_weeks)


def describe_dates(given: Given) -> list[str]:
    """Lines on the holidays, and what the calendar tells, that explain the series."""
    lines = []
    if given.holidays:
        lines.append(f"  explained by the holidays of {', '.join(given.holidays)}")
        from forecaster.data.covariate_sources.holidays import list_idle_files  # noqa: PLC0415 - not all runs have them

        for name in list_idle_files(given.holidays, panel=given.panel):
            lines.append(f"  {name} has no date within the time of the data, so it has no effect")
    if given.calendar:
        lines.append(f"  explained by the calendar: {', '.join(given.calendar)}")
    return lines


def _name_future(future: Future) -> str | None:
    if future is None or isinstance(future, str | Path):
        return None if future is None else str(future)
    raise UsageError("future is a frame, and the data are a file. Give both as files, or both as frames.")


def _check_frame(future: Future) -> "pd.DataFrame | None":
    if isinstance(future, str | Path):
        raise UsageError("future is a file, and the data are a frame. Give both as files, or both as frames.")
    if future is not None:
        _check_type("future", future)
    return future
