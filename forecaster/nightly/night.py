"""One nightly run: read and check, train where needed, forecast, score, pass the gates, write, and leave a record."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from time import monotonic

from forecaster.errors import ForecastError, GateError
from forecaster.failures import explain_failure
from forecaster.forecasting.forecaster import Forecast
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.library.remarks import describe_forecast
from forecaster.model.lock import hold_folder
from forecaster.nightly import gates as gate
from forecaster.nightly.ages import Ages, measure_ages
from forecaster.nightly.basis import Basis, find_basis
from forecaster.nightly.description import describe_input, describe_series, goes_back
from forecaster.nightly.ended import list_excused
from forecaster.nightly.events import Event, EventLog, Level, write_time
from forecaster.nightly.held_out import measure_held_out
from forecaster.nightly.history import History, monitor_runs, read_history
from forecaster.nightly.memory import check_fit, measure_peak
from forecaster.nightly.model_choice import ModelChoice
from forecaster.nightly.outputs import Findings, write_outputs
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import GateResult, RunRecord, Status
from forecaster.nightly.runs import FLAG, LOG, REJECTED, TIME, RunsFolder
from forecaster.nightly.sources import Snapshot, digest, list_others, make_key, take_snapshot
from forecaster.nightly.training import NoWatch, Watch, identify_model, may_train, open_current
from forecaster.version import __version__

__all__ = ["run_night"]

SIGNALLED = 128
"""Exit codes above are those of signals."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""Up to which a clock is not behind that of the last run; runs within a second have names a second apart."""


def _ignore(_: Event) -> None:
    """Ignore an event."""


def _now() -> datetime:
    return datetime.now(UTC)


def run_night(
    plan: NightPlan,
    *,
    listen: Callable[[Event], None] = _ignore,
    watch: Callable[[], AbstractContextManager[Watch]] = lambda: nullcontext(NoWatch()),
    clock: Callable[[], datetime] = _now,
    explain: Callable[[BaseException], tuple[str, int]] = explain_failure,
) -> RunRecord:
    """Run the whole night of `plan`, and return its record; every run leaves one in the folder of runs.

    `listen` gets each event of the log, `watch` is entered to note signals, around the training and where the run is
    made the last good one; `clock` tells the time in UTC, `explain` the message and the exit code for an exception.

    Where the input, the model and the options are those of the last good run, nothing is written, and the status is
    "unchanged". Raises what reading, training and forecasting raise, GateError where a condition is not met, BusyError
    where another run is working in the folder: the last good forecast stays in place.
    """
    log = EventLog(listen, clock=clock)
    with hold_folder(plan.runs, flag=FLAG):
        return _Night(plan, log=log, watch=watch, clock=clock, explain=explain).run()


class _Night:
    """The state of one run while it goes on."""

    def __init__(
        self,
        plan: NightPlan,
        *,
        log: EventLog,
        watch: Callable[[], AbstractContextManager[Watch]],
        clock: Callable[[], datetime],
        explain: Callable[[BaseException], tuple[str, int]],
    ) -> None:
        self.plan, self.log, self.watch, self.clock, self.explain = plan, log, watch, clock, explain
        self.is_done = False
        self.runs = RunsFolder(plan.runs)
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
        if named - self.now > CLOCKS_DIFFER:
            self._warn("clock_went_back", f"the clock is behind that of the last run: it is named {self.record.run}")
        self.folder = self.runs.begin()
        self.choice = ModelChoice(plan, log=log, now=self.now)

    def run(self) -> RunRecord:
        """All stages; whatever happens, the record says how it ended."""
        with self.choice:
            try:
                self.log.open(self.folder / LOG)
                self.log.add("run_started", f"run {self.record.run}", run=self.record.run, version=__version__)
                is_new = self._work()
            except BaseException as error:
                if not self.is_done:
                    self._fail(*self.explain(error))
                raise
        if not is_new:
            before = self.runs.read_record(self.record.previous_run or "")
            # some series may have been without a forecast, and still are
            self.record.status, self.record.exit_code = "unchanged", before.exit_code if before else 0
            self.record.message = f"nothing is new since run {self.record.previous_run}"
            self.log.add("nothing_new", self.record.message)
            self.runs.discard(self.folder)
        return self.record

    def _work(self) -> bool:
        """The stages in their order; False where nothing is new."""
        plan, record = self.plan, self.record
        latest = self.runs.read_latest()
        record.previous_run = latest.run if latest else None
        current = open_current(plan)
        with self._stage("read"):
            snapshot = self._look_at_files(current)
            with snapshot.guard():
                given = current.read(
                    current.find_data(plan.data),
                    reading=plan.reading,
                    future=plan.future,
                    is_remembered=not plan.data,
                    on_remark=self._remark,
                )
        ages = measure_ages(given.panel, now=self.now)
        basis = find_basis(given, model=current, reading=plan.reading)
        self._note_input(given, snapshot, ages, basis)
        last = read_history(self.runs, runs=[latest.run], basis=basis) if latest else History()
        before = last.forecasts
        if latest is not None and not before:
            why = "; ".join(reason for reason, _ in last.left_out)
            self._warn("not_compared", f"run {latest.run} {why}: its series and forecasts are not compared")
        past = self.runs.read_record(latest.run) if latest is not None and before else None
        self._pass(
            gate.check_data(
                given.panel,
                rows=given.summary.observed_rows,
                ages=ages,
                gates=plan.gates,
                excused=list_excused(given.panel, plan=plan, current=current, past=past, before=before),
            )
        )
        record.key = make_key(snapshot, record.options, model=identify_model(current, plan=plan))
        if latest is not None and latest.key == record.key and not plan.is_forced and self.runs.holds(latest):
            return False
        self._pass(gate.check_basis(last.difference, gates=plan.gates))
        self._pass(gate.check_series(given.panel, before=before[0] if before else None, gates=plan.gates))
        with self._stage("monitor"):
            name = identify_model(current, plan=plan)
            monitoring = monitor_runs(given.panel, self.runs, basis=basis, model=name)
        for line in monitoring.left_out:
            self.log.add("runs_left_out", line)
        record.verdict = monitoring.verdict
        self.log.add("monitored", f"{monitoring.verdict}: {'; '.join(monitoring.reasons)}", runs=monitoring.runs)
        model = self.choice.choose(
            given, current=current, verdict=monitoring.verdict, watch=self.watch, stage=self._stage("train")
        )
        record.model = self.choice.record
        record.key = make_key(snapshot, record.options, model=identify_model(model, plan=plan))
        with self._stage("score"):
            held_out = measure_held_out(given, model, plan=plan)
        record.skill = held_out.skill
        if held_out.problem:
            self._warn("not_scored", held_out.problem)
        with self._stage("forecast"):
            forecast = model.forecast(
                given,
                horizon=plan.horizon,
                seasons=plan.seasons,
                bounds=plan.bounds,
                ends=plan.ends,
                fill=plan.future_fill,
                mean=plan.has_mean,
            )
        self._note_forecast(given, forecast, before=before)
        results = gate.check_skill(record.skill, gates=plan.gates)
        results += gate.check_forecast(given.panel, forecast, before=before[0] if before else None, gates=plan.gates)
        with self._stage("write"):
            is_good = all(result.passed for result in results)
            found = Findings(forecast, held_out, monitoring)
            record.outputs = write_outputs(self.folder, given, found, plan=plan, is_good=is_good)
        self._pass(results)
        failed = len(forecast.failed)
        message = f"{len(forecast.index):,} series, {forecast.quantiles.shape[1]:,} steps ahead"
        self._succeed(message + (f"; {failed:,} could not be forecast" if failed else ""), 3 if failed else 0)
        return True

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        begun = monotonic()
        try:
            yield
        finally:
            self.record.seconds[name] = round(monotonic() - begun, 3)

    def _remark(self, text: str) -> None:
        self.record.remarks.append(text.strip())
        self.log.add("remark", text.strip())

    def _warn(self, name: str, message: str) -> None:
        self.record.warnings.append({"code": name, "message": message})
        self.log.add(name, message, level="warning")

    def _look_at_files(self, current: Model) -> Snapshot:
        """The files as they are now. Raises ConfigurationError where they need more memory than the plan allows."""
        plan = self.plan
        found = take_snapshot(current.find_data(plan.data), others=list_others(plan, model=current), runs=plan.runs)
        if plan.max_memory is not None:
            self.record.memory = check_fit(found.files, limit=plan.max_memory, trains=may_train(plan))
        return found

    def _note_input(self, given: Given, snapshot: Snapshot, ages: Ages | None, basis: Basis) -> None:
        found = describe_input(given, snapshot, ages=ages, names=self.plan.data, basis=basis)
        self.record.input = found
        if ages is not None and ages.reaches_ahead:
            self._warn("data_from_the_future", f"values up to {found.cutoff} are of days that are yet to come")
        self.record.warnings += given.list_warnings()
        words = f"{given.name}: {found.rows:,} rows, {found.series:,} series" + (
            f", up to {found.cutoff}" if found.cutoff else ""
        )
        self.log.add("input_read", words, rows=found.rows, series=found.series, cutoff=found.cutoff)

    def _pass(self, results: list[GateResult]) -> None:
        self.record.gates += results
        for result in results:
            words = result.message or f"{result.gate} is met"
            self.log.add(
                "gate", words, level="info" if result.passed else "error", gate=result.gate, value=result.value
            )
        for result in results:
            if result.passed and result.value is None:
                self._warn("not_compared", f"{result.gate}: nothing in common with the last good run to compare")
        gate.require_gates(results)

    def _note_forecast(self, given: Given, forecast: Forecast, *, before: Sequence[PastForecast]) -> None:
        record = self.record
        record.horizon = forecast.quantiles.shape[1]
        record.series = describe_series(given.panel, forecast, before=before, ends=self.plan.ends)
        for line in describe_forecast(given.panel, forecast):
            self._remark(line)
        if before and goes_back(given.panel, forecast, before=before[0]):
            self._warn("data_went_back", "the data end before those of the last good run, and so do the forecasts")
        words = f"{len(forecast.index):,} series, {record.horizon:,} steps"
        self.log.add("forecast_made", words, failed=len(forecast.failed))

    def _succeed(self, message: str, exit_code: int) -> None:
        """Make the run the last good one. A signal waits meanwhile, so that it is that or not, as its record says."""
        with self.watch():
            # before the run is complete, as a run that is says that its model is in place
            self.choice.keep()
            self._end("succeeded", message, exit_code)
            self.runs.point_to(self.record)
            self.is_done = True
            # after the new one is the last good one, as that is never removed
            with suppress(OSError):
                self.runs.prune(keep=self.plan.keep)

    def _fail(self, message: str, exit_code: int) -> None:
        """Leave a record of the failure, and no forecasts that look like good ones.

        Where that cannot be written, nothing is left, and the failure itself is what is reported.
        """
        with self.watch(), suppress(ForecastError, OSError):
            self.choice.drop(is_rejected=exit_code == GateError.exit_code)
            if self.record.outputs.get("forecasts") != REJECTED:
                self.record.outputs = {}
            try:
                self.runs.strip(self.folder, kept={LOG, *self.record.outputs.values()})
                self._end("interrupted" if exit_code > SIGNALLED else "failed", message, exit_code)
            except BaseException:
                self.runs.discard(self.folder)
                raise
            self.runs.prune(keep=self.plan.keep)

    def _end(self, status: Status, message: str, exit_code: int) -> None:
        """Complete the record and give the run its name."""
        record = self.record
        record.status, record.exit_code, record.message = status, exit_code, message
        record.model = self.choice.record
        record.seconds["total"] = round(monotonic() - self.begun, 3)
        record.ended = write_time(self.clock())
        if record.memory is not None:
            record.memory = measure_peak(record.memory)
            if (record.memory.peak_bytes or 0) > record.memory.limit_bytes:
                peak, limit = (size / 1e6 for size in (record.memory.peak_bytes or 0, record.memory.limit_bytes))
                self._warn("more_memory", f"the run took {peak:,.0f} MB, more than the {limit:,.0f} of --max-memory")
        level: Level = "info" if status == "succeeded" else "error"
        self.log.add("run_ended", message, level=level, status=status, exit_code=exit_code)
        self.folder = self.runs.finish(self.folder, record=record)
        self.log.move(self.folder / LOG)
