"""What can be given as data: a file, a folder, a glob, stdin, or a pandas frame."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from forecaster.data.moments import parse_moment
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import UsageError
from forecaster.library.remarks import describe_input
from forecaster.windows import keep_until

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NO_PLACE", "Data", "Given", "Remark", "ignore", "read_data"]

Data: TypeAlias = "str | Path | pd.DataFrame | pd.Series[Any]"
Remark = Callable[[str], None]
"""Is told, line by line, what was found out and what is to be known of the result."""

NO_PLACE = ""
"""Where a frame is to be found again: nowhere."""


def ignore(_: str) -> None:
    """Take no notice of a remark."""


@dataclass(frozen=True)
class Given:
    """Data that was read: its series, how it is called in messages, and where it is to be found again.

    `frame` is the one that it was read from, if any; `place` is `-` for stdin and empty for a frame.
    """

    panel: Panel
    name: str
    place: str
    frame: "pd.DataFrame | pd.Series[Any] | None" = None


def read_data(
    data: Data,
    *,
    reading: ReadOptions | None = None,
    until: str | None = None,
    on_remark: Remark = ignore,
) -> Given:
    """Read `data` and say in a line or two what was decided; steps after the timestamp `until` are left out.

    Raises NotFoundError, DataError and UsageError as `read_panel` and `read_frame` do.
    """
    if isinstance(data, str | Path):
        name = "stdin" if str(data) == "-" else str(data)
        panel, summary = read_panel(str(data), options=reading)
        given = Given(panel, str(data), str(data) if str(data) == "-" else str(Path(data).absolute()))
    else:
        from forecaster.data.frames import NAME, read_frame  # noqa: PLC0415 - no command reads a frame

        name = NAME
        panel, summary = read_frame(data, options=reading)
        given = Given(panel, name, NO_PLACE, frame=data)
    for line in describe_input(panel, summary, name=name):
        on_remark(line)
    if until is not None:
        panel = keep_until(panel, until=parse_moment(until, panel=panel))
        if not len(panel.values):
            raise UsageError(f"--until {until}: no series begins before it.")
    return Given(panel, given.name, given.place, given.frame)
