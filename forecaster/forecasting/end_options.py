"""Options for series that end at different times, each declared once with its command-line flag and help text."""

from dataclasses import dataclass
from typing import Annotated, Literal

from forecaster.limits import check_fields
from forecaster.settings import Flag

__all__ = ["EndOptions"]


@dataclass(frozen=True)
class EndOptions:
    """From where series are forecast that do not end together; no model remembers it.

    With `origin` None, all series are forecast for the same steps where most of them end together.
    """

    origin: Annotated[
        Literal["latest", "own"] | None,
        Flag(
            "--origin",
            "Forecast all series from the latest end, or each from its own (default: latest where most end together).",
        ),
    ] = None
    ended: Annotated[
        Literal["skip", "forecast"],
        Flag("--ended", "Series that ended more than a horizon ago: skip them, or forecast from their own end."),
    ] = "skip"

    def __post_init__(self) -> None:
        check_fields(self)
