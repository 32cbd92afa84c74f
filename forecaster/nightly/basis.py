"""What the values of a run are: forecasts are compared only with values of the same kind."""

from dataclasses import dataclass, field

from forecaster.data.read_options import ReadOptions
from forecaster.library.inputs import Given
from forecaster.library.model import Model

__all__ = ["Basis", "find_basis"]

DECISIVE = ("aggregate", "decimal", "duplicates", "fill", "missing", "sheet", "timezone")
"""Reading options that decide what the values are."""
USUAL = (None, (), "refuse")


@dataclass(frozen=True)
class Basis:
    """The columns and the step of the series, and the `options`, as text by flag, that decide what a value is.

    In wide form each column is a series, and there are neither `targets` nor `ids`.
    """

    targets: tuple[str, ...]
    ids: tuple[str, ...]
    step: str
    options: dict[str, str] = field(default_factory=dict)

    def tell_apart(self, other: "Basis") -> str:
        """How this one differs from `other`, in words; empty where both are the same."""
        found = [
            f"{what} {_name(mine)}, not {_name(its)}"
            for what, mine, its in (
                ("the target", self.targets, other.targets),
                ("series by", self.ids, other.ids),
                ("steps", (self.step,), (other.step,)),
            )
            if mine != its
        ]
        for flag in sorted({*self.options, *other.options}):
            mine, its = self.options.get(flag), other.options.get(flag)
            if mine != its:
                found.append(
                    f"without {flag} {its}"
                    if mine is None
                    else f"with {flag} {mine}" + ("" if its is None else f", not {its}")
                )
        return "; ".join(found)


def find_basis(given: Given, *, model: Model, reading: ReadOptions) -> Basis:
    """What the values of data are that `model` has read with the options in `reading`."""
    used = reading if model.is_base else reading.over(model.trained_card.source.read_options)
    columns, calendar = given.summary.columns, given.panel.calendar
    options = {f"--{name}": getattr(used, name) for name in DECISIVE}
    return Basis(
        () if columns.wide else columns.targets,
        () if columns.wide else columns.ids,
        calendar.name if calendar.unit != "integer" else f"of {calendar.multiple}",
        {flag: _write(value) for flag, value in options.items() if value not in USUAL},
    )


def _write(value: object) -> str:
    """A value of an option as on the command line."""
    return (
        ",".join(map(str, value))
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _name(words: tuple[str, ...]) -> str:
    return " and ".join(map(repr, words)) or "none"
