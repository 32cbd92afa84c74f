"""The record and the log of one run: what was found, which gates are met, and how it ended."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic

from forecaster.errors import ForecastError, GateError
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.writing import columns_for
from forecaster.learning.stopping import Watch
from forecaster.library.forecast_remarks import describe_forecast
from forecaster.library.inputs import Given
from forecaster.nightly.ages import Ages
from forecaster.nightly.basis import Basis
from forecaster.nightly.description import describe_input, describe_series, goes_back
from forecaster.nightly.events import EventLog, Level, write_time
from forecaster.nightly.gates import list_unchecked, require_gates
from forecaster.nightly.last_good import LastGood
from forecaster.nightly.memory import measure_peak
from forecaster.nightly.model_choice import ModelChoice
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import GateResult, PastRun, RunRecord, Status
from forecaster.nightly.runs import LOG, REJECTED, TIME, RunsFolder
from forecaster.nightly.sources import Snapshot, digest
from forecaster.version import __version__

__all__ = ["Journal"]

CLOCK_MATTERS = 2 * 86_400
"""Seconds: a zone makes half a day of difference, which a longer limit of the age bears."""
SIGNALLED = 128
"""Exit codes above are those of signals."""
CLOCK_WENT_BACK = timedelta(minutes=1)
"""Up to which a clock is not behind that of the last run; runs within a second have names a second apart."""


class Journal:
    """Fills in the `record` of one run while it goes on, logs each event, and makes its folder complete at the end.

    `past` are the runs of before, whose records are read here alone, and `last` is the one that this one is compared
    with, once that is known. `choice` is the model of the run, which is put in place when it succeeds; `is_done` is
    whether it has.
    """

    def __init__(
        self,
        plan: NightPlan,
        *,
        log: EventLog,
        watch: Callable[[], AbstractContextManager[Watch]],
        clock: Callable[[], datetime],
    ) -> None:
        self.plan, self.log, self.watch, self.clock = plan, log, watch, clock
        self.is_done = False
        self.runs = RunsFolder(plan.runs)
        self.past = self.runs.read_records()
        self.last: PastRun | None = None
        self._has_good = False  # also where it cannot be read
        self.begun = monotonic()
        self.now = clock()
        named = self.runs.choose_time(self.now)
        options = json.loads(json.dumps(plan.describe_options(), default=str))
        self.record = RunRecord(
            run=f"{named.strftime(TIME)}-{digest(options)[:8]}",
            started=write_time(self.now),
            version=__version__,
            options=options,
            seed=plan.seed,
        )
        if named - self.now > CLOCK_WENT_BACK:
            self.warn("clock_went_back", f"the clock is behind that of the last run: it is named {self.record.run}")
        self.folder = self.runs.begin()
        self.choice = ModelChoice(plan, log=log, now=self.now)

    def open(self) -> None:
        """Write the log from now on."""
        self.log.open(self.folder / LOG)
        self.log.add("run_started", f"run {self.record.run}", run=self.record.run, version=__version__)

    def close_unchanged(self) -> None:
        """Leave nothing of a run for which nothing was new, and say so."""
        # some series may have been without a forecast, and still are
        self.record.status, self.record.exit_code = "unchanged", self.last.exit_code if self.last else 0
        self.record.message = f"nothing is new since run {self.record.previous_run}"
        self.record.unchecked_gates = list_unchecked(self.record, gates=self.plan.gates)
        self.log.add("nothing_new", self.record.message)
        self.runs.discard(self.folder)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure how long this part of the run takes."""
        begun = monotonic()
        try:
            yield
        finally:
            self.record.seconds[name] = round(monotonic() - begun, 3)

    def remark(self, text: str) -> None:
        """Note a sentence about the data."""
        self.record.remarks.append(text.strip())
        self.log.add("remark", text.strip())

    def warn(self, name: str, message: str) -> None:
        """Note what somebody should look at."""
        self.record.warnings.append({"code": name, "message": message})
        self.log.add(name, message, level="warning")

    def note_input(self, given: Given, snapshot: Snapshot, ages: Ages | None, basis: Basis) -> None:
        """Note what was read."""
        found = describe_input(given, snapshot, ages=ages, names=self.plan.data, basis=basis)
        self.record.input = found
        if ages is not None and ages.reaches_ahead:
            by_clock = "" if ages.clock is None else f" by the clock of {ages.clock}"
            self.warn(
                "data_from_the_future", f"values up to {found.cutoff} are of times that are yet to come{by_clock}"
            )
        limit = self.plan.gates.age_seconds
        if ages is not None and ages.clock is not None and limit is not None and limit < CLOCK_MATTERS:
            other = "" if self.plan.reading.timezone else "; --timezone names another"
            self.remark(f"times have no offset: their age is measured by the clock of {ages.clock}{other}")
        self.record.warnings += given.list_warnings()
        words = f"{given.name}: {found.rows:,} rows, {found.series:,} series" + (
            f", up to {found.cutoff}" if found.cutoff else ""
        )
        self.log.add("input_read", words, rows=found.rows, series=found.series, cutoff=found.cutoff)

    def note_last(self, last: LastGood) -> None:
        """Note what the run is compared with, if with anything."""
        self.last = last.run
        self._has_good = last.run is not None or last.is_lost
        name = self.record.previous_run = last.run.run if last.run else None
        if last.is_lost:
            self.warn("not_compared", f"{last.problem}: nothing is compared with the runs of before")
            return
        if last.problem:
            self.warn("last_run_not_found", f"{last.problem}: the last good run that can be read is {name}")
        if last.difference:
            words = f"run {name} {last.difference}: its series and forecasts are not compared"
            self.warn("not_compared", words)

    def require(self, results: list[GateResult]) -> None:
        """Note the outcome of some gates. Raises GateError where one of them is not met."""
        self.record.gates += results
        for result in results:
            is_measured = not result.passed or result.value is not None
            words = result.message or f"{result.gate} " + ("is met" if is_measured else "has nothing to compare with")
            self.log.add(
                "gate", words, level="info" if result.passed else "error", gate=result.gate, value=result.value
            )
        for result in results:
            if result.passed and result.value is None and self.record.previous_run is not None:
                self.warn("not_compared", f"{result.gate}: nothing in common with the last good run to compare")
        require_gates(results, has_good=self._has_good)

    def note_forecast(self, given: Given, forecast: Forecast, *, before: Sequence[PastForecast]) -> None:
        """Note what was forecast."""
        record = self.record
        record.horizon = forecast.quantiles.shape[1]
        record.series = describe_series(given.panel, forecast, before=before, ends=self.plan.ends)
        columns = columns_for(self.plan.level, quantiles=self.plan.quantile_levels)
        for line in describe_forecast(given.panel, forecast, columns=columns):
            self.remark(line)
        if before and goes_back(given.panel, forecast, before=before[0]):
            self.warn("data_went_back", "the data end before those of the last good run, and so do the forecasts")
        words = f"{len(forecast.index):,} series, {record.horizon:,} steps"
        self.log.add("forecast_made", words, failed=len(forecast.failed))

    def succeed(self, message: str, exit_code: int) -> None:
        """Make the run the last good one. A signal waits meanwhile, so that it is that or not, as its record says."""
        with self.watch():
            # before the run is complete, as a run that is says that its model is in place
            self.choice.keep()
            self._end("succeeded", message, exit_code)
            self.runs.point_to(self.record)
            self.is_done = True
            # after the new one is the last good one, as that is never removed
            with suppress(OSError):
                self._prune()

    def fail(self, message: str, exit_code: int) -> None:
        """Leave a record of the failure, and no forecasts that look like good ones.

        Where that cannot be written, nothing is left, and the failure itself is what is reported.
        """
        with self.watch(), suppress(ForecastError, OSError):
            if self.record.outputs.get("forecasts") != REJECTED:
                self.record.outputs = {}
            try:
                self.choice.drop(is_rejected=exit_code == GateError.exit_code)
                self.runs.strip(self.folder, kept={LOG, *self.record.outputs.values()})
                self._end("interrupted" if exit_code > SIGNALLED else "failed", message, exit_code)
            except BaseException:
                self.runs.discard(self.folder)
                raise
            self._prune()

    def _prune(self) -> None:
        good = {run.run for run in self.past if run.is_good}
        if self.record.status == "succeeded":
            good.add(self.record.run)
        self.runs.prune(keep=self.plan.keep, good=good)

    def _end(self, status: Status, message: str, exit_code: int) -> None:
        """Complete the record and give the run its name."""
        record = self.record
        record.status, record.exit_code, record.message = status, exit_code, message
        record.unchecked_gates = list_unchecked(record, gates=self.plan.gates)
        record.model = self.choice.record
        record.seconds["total"] = round(monotonic() - self.begun, 3)
        record.ended = write_time(self.clock())
        if record.memory is not None:
            record.memory = measure_peak(record.memory)
            if (record.memory.peak_bytes or 0) > record.memory.limit_bytes:
                peak, limit = (size / 1e6 for size in (record.memory.peak_bytes or 0, record.memory.limit_bytes))
                self.warn("more_memory", f"the run took {peak:,.0f} MB, more than the {limit:,.0f} of --max-memory")
        level: Level = "info" if status == "succeeded" else "error"
        self.log.add("run_ended", message, level=level, status=status, exit_code=exit_code)
        self.folder = self.runs.finish(self.folder, record=record)
        self.log.move(self.folder / LOG)
