"""Read the data that a user gives: a file, a folder, a glob, stdin, or a pandas frame."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from forecaster.data.audit import audit
from forecaster.data.findings import Finding
from forecaster.data.grid import ReadSummary
from forecaster.data.moments import parse_moment
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import UsageError
from forecaster.library.remarks import describe_findings, describe_input
from forecaster.windows import keep_until

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NO_LOCATION", "Data", "Given", "Remark", "ignore", "read_data"]

Data: TypeAlias = "str | Path | pd.DataFrame | pd.Series[Any]"
Remark = Callable[[str], None]
"""Called with each line on what was detected in the data, and on what to know about the result."""

NO_LOCATION = ""
"""The location of a frame, which cannot be read again."""


def ignore(_: str) -> None:
    """Ignore a remark."""


@dataclass(frozen=True)
class Given:
    """Data that was read: its series, its name in messages, and the location to read it from again.

    `summary` says how it was read, `findings` what the user should know of it. `frame` is the one that it was read
    from, if any; `location` is `-` for stdin and empty for a frame.
    """

    panel: Panel
    name: str
    location: str
    summary: ReadSummary
    findings: tuple[Finding, ...] = ()
    frame: "pd.DataFrame | pd.Series[Any] | None" = None

    def list_warnings(self) -> list[dict[str, Any]]:
        """The findings that are warnings, for JSON."""
        return [finding.as_plain() for finding in self.findings if finding.severity == "warning"]


def read_data(
    data: Data,
    *,
    reading: ReadOptions | None = None,
    until: str | None = None,
    on_remark: Remark = ignore,
) -> Given:
    """Read `data` and report in a line or two what was detected; steps after the timestamp `until` are left out.

    Raises NotFoundError, DataError and UsageError as `read_panel` and `read_frame` do.
    """
    if isinstance(data, str | Path):
        name = "stdin" if str(data) == "-" else str(data)
        panel, summary = read_panel(str(data), options=reading)
        given = Given(panel, str(data), str(data) if str(data) == "-" else str(Path(data).absolute()), summary)
    else:
        from forecaster.data.frames import NAME, read_frame  # noqa: PLC0415 - no command reads a frame

        name = NAME
        panel, summary = read_frame(data, options=reading)
        given = Given(panel, name, NO_LOCATION, summary, frame=data)
    for line in describe_input(panel, summary, name=name):
        on_remark(line)
    if until is not None:
        panel = keep_until(panel, until=parse_moment(until, panel=panel))
        if not len(panel.values):
            raise UsageError(f"--until {until}: no series begins before it.")
    given = replace(given, panel=panel, findings=audit(panel, summary))
    for line in describe_findings(given.findings, name=given.location and given.name):
        on_remark(line)
    return given
