"""Read what `forecast plot` and `forecast report` draw."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.cli.inputs import check_outputs, describe_base
from forecaster.data.read_options import ReadOptions
from forecaster.files import check_writable
from forecaster.library.opening import find_model
from forecaster.library.remembered import list_holiday_files
from forecaster.settings import MODEL_FOLDER

if TYPE_CHECKING:
    from forecaster.library.inputs import Given
    from forecaster.library.model import Model
    from forecaster.report.console import Reporter

__all__ = ["Request", "read_request"]


@dataclass(frozen=True)
class Request:
    """The data and the model that the user names, and how the data are read; see the options of these names."""

    data: tuple[str, ...]
    model: Path | None
    future: str | None
    reading: ReadOptions
    until: str | None


def read_request(
    request: Request, *, output: str, reporter: "Reporter", as_json: bool = False
) -> "tuple[Model, Given]":
    """Open the model and read the data, once it is clear that `output` can be written and is none of them."""
    check_writable(Path(output))
    opened = find_model(request.model)
    names = opened.find_data(request.data)
    read = [names, *([(request.future,)] if request.future is not None else [])]
    read += list_holiday_files(request.reading, card=opened.card)
    check_outputs([output], data=read, model=request.model or Path(MODEL_FOLDER), as_json=as_json)
    given = opened.read(
        names,
        is_remembered=not request.data,
        reading=request.reading,
        until=request.until,
        future=request.future,
        on_remark=reporter.say,
    )
    if opened.is_base:
        reporter.say(describe_base(request.model))
    return opened, given
