"""What a forecast in parts says of all of them: lines on the input, and the summary of what was written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forecaster.library.forecast_remarks import describe_support
from forecaster.library.remarks import describe_repairs
from forecaster.library.wording import count_things
from forecaster.scale.joining import merge_notes
from forecaster.scale.part_forecaster import MOST_NAMED, PartForecaster, PartResult
from forecaster.scale.survey import Survey

__all__ = ["PartsWritten", "describe_whole"]


@dataclass
class PartsWritten:
    """What was written: so many `parts`, and what the summary of a forecast says, added up."""

    parts: int = 0
    series: int = 0
    horizon: int = 0
    clipped: int = 0
    bounded: Counter[str] = field(default_factory=Counter)
    mean_factor: float = 1.0
    is_scattered: bool = False
    skips_ended: bool = True
    needs: str = ""
    kinds: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)

    @classmethod
    def by(cls, forecaster: PartForecaster) -> "PartsWritten":
        """Nothing yet of what the forecaster will give."""
        return cls(
            horizon=forecaster.horizon,
            mean_factor=forecaster.forecaster.mean_factor,
            is_scattered=forecaster.common_end.is_scattered,
            skips_ended=forecaster.request.plan.ends.ended == "skip",
            needs=describe_support(forecaster.request.style.columns, levels=forecaster.forecaster.levels),
            warnings=[one.as_plain() for one in forecaster.decided.findings if one.severity == "warning"],
        )

    def add(self, result: PartResult) -> None:
        """Add what a part says."""
        self.parts += 1
        self.series += result.series
        self.clipped += result.clipped
        self.bounded += result.bounded
        self.notes |= dict.fromkeys(result.notes)
        self.remarks |= dict.fromkeys(result.remarks)
        for name, (count, labels) in result.kinds.items():
            before = self.kinds.get(name, (0, []))
            self.kinds[name] = (before[0] + count, (before[1] + labels)[:MOST_NAMED])

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines on covariates, see `merge_notes`."""
        return merge_notes(self.notes) + merge_notes(self.remarks, end_with_names=True)

    def as_plain(self) -> dict[str, Any]:
        """The summary for JSON, as of a forecast in one go."""
        kinds = {name: {"count": count, "series": labels} for name, (count, labels) in self.kinds.items()}
        for said_only in ("count", "own_season", "running_total"):
            kinds.pop(said_only, None)
        return {
            "parts": self.parts,
            "series": self.series,
            "horizon": self.horizon,
            "clipped": self.clipped,
            **kinds,
            "warnings": self.warnings,
        }


def describe_whole(whole: Survey, *, name: str) -> Iterator[str]:
    """Lines on what was found in all parts together."""
    counts: Counter[str] = whole.counts
    rows = count_things(counts["rows"], "row")
    yield (f"{name}: {rows}, {len(whole.lengths):,} series, {whole.calendar.name}; {whole.columns}")
    yield from describe_repairs(
        merged_rows=counts["merged_rows"],
        missing_values=counts["missing_values"],
        missing_rows=counts["missing_rows"],
        trailing_rows=counts["trailing_rows"],
    )
    yield from (f"  {note}" for note in whole.notes)
    yield from (f"  {finding.describe()}" for finding in whole.findings if finding.severity == "warning")
