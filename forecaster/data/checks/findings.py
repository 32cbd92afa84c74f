"""What an audit of the data finds: each kind has a stable code, a severity, and what to do about it."""

from dataclasses import dataclass
from typing import Any, Literal

from forecaster.data.problems import shorten_name

__all__ = ["EXAMPLES", "KINDS", "Finding", "Kind"]

Severity = Literal["error", "warning", "note"]

EXAMPLES = 3
"""Examples that a finding names at most."""


@dataclass(frozen=True)
class Kind:
    """A kind of finding: what it is, in words that a count can follow, and what to do about it."""

    severity: Severity
    words: str
    action: str


KINDS: dict[str, Kind] = {
    "E001": Kind("error", "the data cannot be read", ""),
    "E002": Kind("error", "rows that repeat a timestamp, without a rule to merge them", ""),
    "E003": Kind("error", "covariates that hold the target itself", ""),
    "N101": Kind("note", "steps without a row", "Nothing: they are masked. If a missing row means 0, add it as 0."),
    "N102": Kind("note", "rows that repeat a timestamp, merged", "Nothing, if --duplicates says what you mean."),
    "N103": Kind("note", "rows without a value", "Nothing: they are masked."),
    "N104": Kind("note", "rows without a value at the ends of series, left out", "Nothing."),
    "W105": Kind(
        "warning",
        "days or times of day that never have a value",
        "They are forecast as well. Leave these forecasts out; for Monday to Friday use --freq B.",
    ),
    "W106": Kind(
        "warning",
        "series that have a value at every second, third or later step only",
        "Their forecasts of the steps between mean nothing. Forecast these series apart from the others.",
    ),
    "N201": Kind("note", "series that never change", "They are forecast by their value. Leave them out if they ended."),
    "N202": Kind("note", "series shorter than two seasons", "Give more history, if there is any."),
    "W203": Kind(
        "warning",
        "series that ended long before the others",
        "Leave them out if they will not go on. If they will, look for rows that are missing.",
    ),
    "W204": Kind(
        "warning",
        "series that are zero since long, as never before",
        "Leave them out if they ended. If values were not recorded, empty the cells.",
    ),
    "N205": Kind("note", "series that are mostly zero", "Look at the intervals more than at the forecast."),
    "N206": Kind("note", "series without any value", "They have no forecast. Leave them out, or fill in values."),
    "N207": Kind("note", "series that end a little before the others", "Look for rows that are missing."),
    "N208": Kind("note", "series that began within the last season", "Expect wide intervals for them."),
    "W209": Kind(
        "warning",
        "series whose names differ from another's only in blanks or capitals",
        "If both are one series, write its name alike in all rows: each is forecast from its own rows alone.",
    ),
    "W301": Kind(
        "warning",
        "values that look like marks for a missing value",
        "If no value was meant, name each with --missing, such as --missing -999.",
    ),
    "W302": Kind(
        "warning", "values far outside the range of all others", "Fix or empty these cells if they are wrong."
    ),
    "W303": Kind(
        "warning",
        "levels that are many times higher or lower from some time on",
        "If the unit changed, bring all values to one unit; else begin the history there.",
    ),
    "W304": Kind(
        "warning", "series that are the sum of all others", "Leave the total out, or forecast only the total."
    ),
    "W305": Kind("warning", "series with the same values as another", "Leave out the copies."),
    "W306": Kind(
        "warning",
        "series whose last value is far below all comparable ones",
        "The last step may be incomplete, such as half a day of sales: leave its rows out until it is complete.",
    ),
    "W307": Kind(
        "warning",
        "levels of columns of --known or --past that are many times higher or lower from some time on",
        "If the unit changed, bring all values to one unit: the effect would be learned of two.",
    ),
    "W308": Kind(
        "warning",
        "columns of --known or --past that follow the target as closely as if they came from it",
        "Nothing, if they were known before it. If not, the scores mean nothing: leave them out, or use --past.",
    ),
    "N401": Kind(
        "note",
        "columns not used that hold the target itself",
        "Nothing: no forecast uses them. A model that did would know what it is to forecast; --target forecasts them.",
    ),
    "N402": Kind(
        "note",
        "columns that are the sum of others, of which some are not used",
        "Nothing, or forecast the parts instead of the total, or the total instead of a part, with --target.",
    ),
    "N403": Kind(
        "note",
        "columns not used that are the same in all rows of a series",
        "Nothing; 'train' can learn from them what the series have in common: name them with --static.",
    ),
    "N404": Kind(
        "note",
        "columns of --known or --past that have one value or are blank, which is read as no",
        "Nothing, if blank means no. Leave the column out if it means not known.",
    ),
}
"""All kinds by code. Codes are never given to another kind; docs/findings.md explains them."""


@dataclass(frozen=True)
class Finding:
    """What was found: how often, and a few examples, each with its series, time and value where it has them."""

    code: str
    count: int
    examples: tuple[str, ...]
    action: str

    @property
    def severity(self) -> Severity:
        """How much it matters: with an error there is no forecast, a warning may make it worthless."""
        return KINDS[self.code].severity

    @property
    def short_examples(self) -> list[str]:
        """The examples, long ones without their middle, as names often differ at their end."""
        return [shorten_name(example) for example in self.examples]

    def describe(self) -> str:
        """One line for people."""
        shown = f" ({'; '.join(self.short_examples)}{' …' if self.count > len(self.examples) else ''})"
        return f"{self.code}: {KINDS[self.code].words}: {self.count:,}{shown if self.examples else ''}. {self.action}"

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "what": KINDS[self.code].words,
            "count": self.count,
            "examples": list(self.examples),
            "action": self.action,
        }
