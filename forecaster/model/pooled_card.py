"""The part of a model card on effects of covariates that all series have in common."""

from dataclasses import dataclass, field

__all__ = ["AttributeCard", "PooledCard"]


@dataclass(frozen=True)
class AttributeCard:
    """By how much an attribute of the series changes the pooled effects, see `ByAttribute`.

    `coefficients` are those of each category, or a single row for a number, each one flat.
    """

    name: str
    categories: list[str]
    mean: float
    deviation: float
    coefficients: list[list[float]]


@dataclass(frozen=True)
class PooledCard:
    """The effects of covariates that all series have in common, see `PooledEffects`; `coefficients` are flat."""

    names: list[str]
    units: list[float]
    lowest: list[float]
    highest: list[float]
    coefficients: list[float]
    is_factor: bool
    attributes: list[AttributeCard]
    reach: int | None
    categories: dict[str, list[str]] = field(default_factory=dict)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.names)
        if any(len(values) != count for values in (self.units, self.lowest, self.highest)):
            raise ValueError("'pooled.units', 'lowest' and 'highest' are not one for each name")
        if {len(self.least), len(self.most)} not in ({0}, {count}):
            raise ValueError("'pooled.least' and 'most' are not one for each name")
        if count < 1 or len(self.coefficients) % count or not self.coefficients:
            raise ValueError("'pooled.coefficients' do not match the number of names")
        if any(len(texts) != len({*texts}) or not texts for texts in self.categories.values()):
            raise ValueError("'pooled.categories' are not different ones of each column")
        for one in self.attributes:
            rows = len(one.categories) or 1
            if len(one.coefficients) != rows or any(len(row) != len(self.coefficients) for row in one.coefficients):
                raise ValueError("'pooled.attributes' do not match the coefficients")
            if one.deviation <= 0:
                raise ValueError("'pooled.attributes' have a deviation that is not above 0")
