"""When a nightly run trains, and the gates that it must pass; each rule is declared once, with its flag."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from forecaster.errors import UsageError
from forecaster.limits import check_fields
from forecaster.settings import Flag
from forecaster.units import parse_duration, parse_share

__all__ = ["Gates", "Retraining"]

ANY_CHANGE = 1e6


@dataclass(frozen=True)
class Gates:
    """Conditions that a run must meet, each declared once with its flag; None where nothing is asked.

    A run that does not meet one ends with exit code 4, and the last good forecast stays in place.
    """

    max_age: Annotated[
        str | None,
        Flag("--max-age", "Refuse data whose newest value is older than this: 36h, 2d; in m, h, d or w.", "TIME"),
    ] = None
    max_late: Annotated[
        str | None,
        Flag("--max-late", "Most series, as a share, that may be older than --max-age, such as 1%.", "SHARE"),
    ] = None
    require_skill: Annotated[
        str | None,
        Flag(
            "--require-skill",
            "Least share by which held-out errors are below those of the best baseline, such as 0% or 5%.",
            "SHARE",
        ),
    ] = None
    max_failed: Annotated[
        str | None, Flag("--max-failed", "Most series, as a share, that cannot be forecast, such as 1%.", "SHARE")
    ] = None
    min_rows: Annotated[
        int | None, Flag("--min-rows", "Least number of rows with a value that the data must have.", "NUMBER")
    ] = None
    max_missing_series: Annotated[
        str | None,
        Flag("--max-missing-series", "Most series of the last run, as a share, that may be gone, such as 1%.", "SHARE"),
    ] = None
    max_change: Annotated[
        str | None,
        Flag("--max-change", "Most by which a series' forecast may differ from the last run's, such as 50%.", "SHARE"),
    ] = None

    def __post_init__(self) -> None:
        """Raise UsageError now for what cannot be parsed, rather than after the work."""
        check_fields(self)
        if self.max_age is not None:
            parse_duration(self.max_age, flag="--max-age", needs_unit=True)
        for name in ("max_late", "max_failed", "max_missing_series"):
            self._read_share(name)
        self._read_share("max_change", most=ANY_CHANGE)
        if self.max_late is not None and self.max_age is None:
            raise UsageError("--max-late counts the series that are older than --max-age: give both.")
        self._read_share("require_skill", least=-math.inf)
        if self.min_rows is not None and self.min_rows < 0:
            raise UsageError(f"--min-rows {self.min_rows}: a number of rows, not below 0.")

    @property
    def age_seconds(self) -> float | None:
        """`max_age` in seconds."""
        return None if self.max_age is None else parse_duration(self.max_age, flag="--max-age")

    @property
    def late_share(self) -> float | None:
        """`max_late` as a fraction."""
        return self._read_share("max_late")

    @property
    def failed_share(self) -> float | None:
        """`max_failed` as a fraction."""
        return self._read_share("max_failed")

    @property
    def missing_share(self) -> float | None:
        """`max_missing_series` as a fraction."""
        return self._read_share("max_missing_series")

    @property
    def change_share(self) -> float | None:
        """`max_change` as a fraction."""
        return self._read_share("max_change", most=ANY_CHANGE)

    @property
    def least_skill(self) -> float | None:
        """`require_skill` as a fraction, which may be below zero."""
        return self._read_share("require_skill", least=-math.inf)

    @property
    def limits(self) -> dict[str, float]:
        """The limit of each gate that is asked for, by its name."""
        limits = {
            "min-rows": self.min_rows,
            "max-age": self.age_seconds,
            "max-late": self.late_share,
            "max-missing-series": self.missing_share,
            "require-skill": self.least_skill,
            "max-failed": self.failed_share,
            "max-change": self.change_share,
        }
        return {name: float(limit) for name, limit in limits.items() if limit is not None}

    def _read_share(self, name: str, *, least: float = 0.0, most: float = 1.0) -> float | None:
        text = getattr(self, name)
        return None if text is None else parse_share(text, flag="--" + name.replace("_", "-"), least=least, most=most)


@dataclass(frozen=True)
class Retraining:
    """When a run trains: where there is no model, and by these rules; each with its flag."""

    train: Annotated[
        Literal["auto", "never"],
        Flag("--train", "Train where the rules ask for it, or never: then the model there, or the base model."),
    ] = "auto"
    after: Annotated[
        str,
        Flag(
            "--retrain-after",
            "Train again when the model is older than this, in m, h, d or w, and data are new.",
            "TIME",
        ),
    ] = "7d"
    on_drift: Annotated[
        bool,
        Flag("--retrain-on-drift", "Train again where monitoring says retrain: forecasts were worse than promised."),
    ] = False
    no_shared_year: Annotated[
        bool,
        Flag("--no-shared-year", "Where it trains, do not look for what all series do at the same time of each year."),
    ] = False
    no_correction: Annotated[
        bool, Flag("--no-correction", "Where it trains, do not learn to foresee the errors that are left.")
    ] = False

    def __post_init__(self) -> None:
        check_fields(self)
        parse_duration(self.after, flag="--retrain-after", needs_unit=True)

    @property
    def after_seconds(self) -> float:
        """`after` in seconds."""
        return parse_duration(self.after, flag="--retrain-after")
