"""Audit data without a forecast: what it was taken for, and what is found in it."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecaster.data.checks.findings import EXAMPLES, Finding
from forecaster.data.files.finding import describe_names
from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.dates import format_times
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.own_season import find_last_seasons
from forecaster.encoding.running_totals import find_last_totals
from forecaster.errors import DataError, LeakError
from forecaster.library.inputs import STREAM, Data, Given, list_locations, list_names, read_data
from forecaster.library.unused import check_unused
from forecaster.library.wording import count_things, name_series
from forecaster.settings import default_context_length, default_horizon

__all__ = ["Findings", "check", "list_facts"]

MERGED = "N102"
PREDICT_SECONDS, SECONDS_PER_SERIES, SECONDS_PER_VALUE = 1.0, 0.0007, 1.0e-6
PREDICT_MEGABYTES, BYTES_PER_VALUE = 160, 150
TRAIN_SECONDS, TRAIN_MEGABYTES = (10, 70), 600
"""Rough costs on two cores, for sets from one to thousands of series."""


@dataclass(frozen=True)
class Findings:
    """The audit of some data: `facts` are what it was taken for, as names and values; then what was found in it.

    `findings` begin with those that matter most. With an error the data cannot be forecast as it is. `given` is the
    data, None where it cannot be read.
    """

    name: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    given: Given | None = None

    def __repr__(self) -> str:
        return f"<Findings: {self.name}, {', '.join(self.count_kinds()) or 'nothing found'}>"

    def count_kinds(self) -> list[str]:
        """How many findings there are of each severity, in words."""
        severities = Counter(finding.severity for finding in self.findings)
        return [count_things(number, severity) for severity, number in severities.items()]

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps the data from being forecast."""
        return any(finding.severity == "error" for finding in self.findings)

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "data": self.name,
            "facts": dict(self.facts),
            "findings": [finding.as_plain() for finding in self.findings],
        }


def check(data: Data, *, reading: ReadOptions | None = None, until: str | None = None) -> Findings:
    """Audit `data`, a frame or what `forecast predict` takes, without a forecast.

    Data that cannot be read is a finding, too. Raises NotFoundError where there is none, UsageError for options that
    do not fit.

    >>> import forecaster
    >>> found = forecaster.check("sample_data/air_passengers.csv")
    >>> found.facts[1]
    ('series', '1')
    >>> found.findings
    ()
    """
    reading = reading or ReadOptions()
    name = describe_names(list_names(data)) or "the frame"
    try:
        given, errors = _read(data, reading=reading, until=until)
        given.look_ahead(0)
    except LeakError as error:
        examples = tuple(map(repr, error.columns[:EXAMPLES]))
        return Findings(name, (), (Finding("E003", len(error.columns), examples, str(error)),))
    except DataError as error:
        return Findings(name, (), (Finding("E001", 1, (), str(error)),))
    unused = () if errors else check_unused(given, reading=reading, until=until)
    return Findings(given.name, list_facts(given), (*errors, *given.findings, *unused), given)


def _read(data: Data, *, reading: ReadOptions, until: str | None) -> tuple[Given, tuple[Finding, ...]]:
    """The data; where only repeated timestamps keep it from being read, they are merged and found to be an error."""
    try:
        return read_data(data, reading=reading, until=until), ()
    except DataError as error:
        is_stream = list_locations(list_names(data)) == STREAM
        if reading.duplicates is not None or "--duplicates" not in str(error) or is_stream:
            raise
        given = read_data(data, reading=replace(reading, duplicates="last"), until=until)
        others = tuple(finding for finding in given.findings if finding.code != MERGED)
        return replace(given, findings=others), (Finding("E002", given.summary.merged_rows, (), str(error)),)


def list_facts(given: Given) -> tuple[tuple[str, str], ...]:
    """What the data was taken for: names and values."""
    panel, summary = given.panel, given.summary
    filled = np.flatnonzero(panel.lengths > 0)
    begins = panel.starts[filled]
    ends = panel.calendar.advance(begins, panel.lengths[filled] - 1)
    span = format_times(
        np.array([begins.min(), ends.max()]), style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock
    )
    lengths = panel.lengths[filled]
    columns = summary.columns
    return (
        ("rows", f"{summary.rows // (len(columns.targets) if columns.wide else 1):,}"),
        ("series", f"{len(panel):,}"),
        ("columns", columns.describe()),
        ("times", _describe_times(panel)),
        ("frequency", panel.calendar.name),
        ("span", f"{span[0]} to {span[1]}"),
        ("length", _describe_lengths(int(lengths.min()), int(lengths.max()))),
        ("seasons", _describe_seasons(panel)),
        *_describe_totals(panel),
        *((f"note {number}", note) for number, note in enumerate(summary.notes, start=1)),
        ("predict", _estimate_predict(panel)),
        ("train", f"{TRAIN_SECONDS[0]} to {TRAIN_SECONDS[1]} s, about {TRAIN_MEGABYTES:,} MB"),
    )


def _describe_seasons(panel: Panel) -> str:
    """The seasons of the calendar, and which series have others."""
    periods = find_periods(panel)
    calendar = ", ".join(map(str, periods)) + " steps"
    seasons = find_last_seasons(panel, encoding=_encode_as_base(panel))
    own = np.flatnonzero(seasons)
    if not len(own):
        return calendar
    return f"{calendar}; of their own: {len(own):,} series, {name_series(panel, own, seasons=seasons[own])}"


def _describe_totals(panel: Panel) -> tuple[tuple[str, str], ...]:
    """Which series are running totals; nothing where none is."""
    totals = np.flatnonzero(find_last_totals(panel, encoding=_encode_as_base(panel)))
    if not len(totals):
        return ()
    return (("running totals", f"{len(totals):,} series, {name_series(panel, totals)} (or --no-running-totals)"),)


def _encode_as_base(panel: Panel) -> Encoding:
    """The encoding of the base model."""
    periods = find_periods(panel)
    return Encoding(default_context_length(periods[0]), periods, running_totals=panel.running_totals)


def _describe_lengths(shortest: int, longest: int) -> str:
    return ("" if shortest == longest else f"{shortest:,} to ") + count_things(longest, "step")


def _describe_times(panel: Panel) -> str:
    if panel.time_style.format is None:
        return "whole numbers"
    zone = f", in {panel.time_style.timezone}" if panel.time_style.timezone else ""
    return f"{panel.time_style.format}{zone}"


def _estimate_predict(panel: Panel) -> str:
    horizon = default_horizon(find_season(panel, periods=find_periods(panel)))
    seconds = PREDICT_SECONDS + SECONDS_PER_SERIES * len(panel) + SECONDS_PER_VALUE * len(panel.values)
    megabytes = PREDICT_MEGABYTES + BYTES_PER_VALUE * len(panel.values) / 1e6
    return f"{horizon} steps of each series in about {seconds:.0f} s, {megabytes:,.0f} MB"
