"""One nightly run: read and check, train where needed, forecast, score, pass the gates, write, and leave a record."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial

from forecaster.failures import explain_failure
from forecaster.forecasting.forecast import Forecast
from forecaster.learning.stopping import Watch
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.limits import check_kind
from forecaster.model.lock import hold_folder
from forecaster.nightly import gates as gate
from forecaster.nightly.ages import measure_ages
from forecaster.nightly.basis import Basis, find_basis
from forecaster.nightly.change import has_common
from forecaster.nightly.ended import find_horizon, list_excused
from forecaster.nightly.events import Event, EventLog
from forecaster.nightly.held_out import HeldOut, measure_held_out
from forecaster.nightly.history import monitor_runs
from forecaster.nightly.journal import Journal
from forecaster.nightly.last_good import GoodRuns, LastGood, find_earlier, find_last_good, list_good_runs
from forecaster.nightly.memory import check_files, check_series
from forecaster.nightly.monitoring import Monitoring
from forecaster.nightly.outputs import Findings, write_outputs
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.reading import read_night
from forecaster.nightly.record import RunRecord
from forecaster.nightly.runs import FLAG
from forecaster.nightly.sources import Snapshot, list_others, make_key, take_snapshot
from forecaster.nightly.training import NoWatch, may_train, open_current

__all__ = ["run_night"]


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
    check_kind("plan", plan, NightPlan)
    log = EventLog(listen, clock=clock)
    with hold_folder(plan.runs, flag=FLAG):
        journal = Journal(plan, log=log, watch=watch, clock=clock)
        with journal.choice:
            try:
                journal.open()
                is_new = _Night(plan, journal).work()
            except BaseException as error:
                if not journal.is_done:
                    journal.fail(*explain(error))
                raise
        if not is_new:
            journal.close_unchanged()
        return journal.record


class _Night:
    """The stages of one run."""

    def __init__(self, plan: NightPlan, journal: Journal) -> None:
        self.plan, self.journal = plan, journal

    def work(self) -> bool:
        """The stages in their order; False where nothing is new."""
        plan, journal, record, runs = self.plan, self.journal, self.journal.record, self.journal.runs
        good = list_good_runs(runs, past=journal.past)
        newest_good = good.runs[0] if good.runs else None
        record.previous_run = newest_good.run if newest_good else None
        current, current_id = open_current(plan)
        with journal.stage("read"):
            snapshot = self._look_at_files(current)
            with snapshot.guard():
                found = read_night(plan, current=current, past=newest_good, on_remark=journal.remark)
        given = found.given
        ages = measure_ages(given.panel, now=journal.now, zone=found.clock)
        basis = find_basis(given, model=current, reading=found.read_with)
        journal.note_input(given, snapshot, ages, basis)
        if record.memory is not None:
            horizon = find_horizon(given.panel, plan=plan, current=current)
            panel = given.look_ahead(horizon)
            record.memory = check_series(record.memory, panel, horizon=horizon, trains=may_train(plan))
        last = find_last_good(runs, good=good, basis=basis)
        journal.note_last(last)
        before = last.history.forecasts
        newest = before[0] if before else None
        past = last.run if before else None
        journal.require(
            gate.check_data(
                given.panel,
                rows=given.summary.observed_rows,
                ages=ages,
                gates=plan.gates,
                excused=list_excused(given.panel, plan=plan, current=current, past=past, before=before),
            )
        )
        record.key = make_key(snapshot, record.options, model=current_id)
        named = good.latest
        is_same = (
            named is not None and (named.run, named.key) == (record.previous_run, record.key) and runs.holds(named)
        )
        if is_same and not plan.is_forced:
            return False
        journal.require(gate.check_basis(last.difference, gates=plan.gates))
        journal.require(gate.check_series(given.panel, before=newest, gates=plan.gates))
        monitoring = self._monitor(given, basis=basis, model=current_id)
        model = journal.choice.choose(
            given,
            found.read_with,
            current=(current, current_id),
            monitoring=monitoring,
            watch=journal.watch,
            stage=journal.stage("train"),
        )
        chosen = journal.choice.record
        assert chosen is not None
        record.model, record.key = chosen, make_key(snapshot, record.options, model=chosen.id)
        held_out = self._score(given, model)
        forecast = self._forecast(given, model)
        journal.note_forecast(given, forecast, before=before)
        results = gate.check_skill(record.skill, gates=plan.gates)
        compared, name = self._find_compared(given, forecast, good=good, last=last, basis=basis)
        results += gate.check_forecast(given.panel, forecast, before=compared, gates=plan.gates, name=name)
        with journal.stage("write"):
            is_good = all(result.passed for result in results)
            findings = Findings(forecast, held_out, monitoring)
            record.outputs = write_outputs(journal.folder, given, findings, plan=plan, is_good=is_good)
        journal.require(results)
        failed = len(forecast.failed)
        message = f"{len(forecast.index):,} series, {forecast.quantiles.shape[1]:,} steps ahead"
        journal.succeed(message + (f"; {failed:,} could not be forecast" if failed else ""), 3 if failed else 0)
        return True

    def _monitor(self, given: Given, *, basis: Basis, model: str) -> Monitoring:
        """Past forecasts against what has come; the verdict is on the `model` with this id."""
        journal = self.journal
        with journal.stage("monitor"):
            found = monitor_runs(given.panel, journal.runs, past=journal.past, basis=basis, model=model)
        for line in found.left_out:
            journal.log.add("runs_left_out", line)
        journal.record.verdict = found.verdict
        journal.log.add("monitored", f"{found.verdict}: {'; '.join(found.reasons)}", runs=found.runs)
        return found

    def _score(self, given: Given, model: Model) -> HeldOut:
        """How good the model is on windows that it has not learned from."""
        with self.journal.stage("score"):
            found = measure_held_out(given, model, plan=self.plan)
        self.journal.record.skill = found.skill
        if found.problem:
            self.journal.warn("not_scored", found.problem)
        return found

    def _forecast(self, given: Given, model: Model) -> Forecast:
        """The forecasts, as the plan says."""
        with self.journal.stage("forecast"):
            return model.forecast(given, plan=self.plan.forecast_plan)

    def _find_compared(
        self, given: Given, forecast: Forecast, *, good: GoodRuns, last: LastGood, basis: Basis
    ) -> tuple[PastForecast | None, str]:
        """The forecasts that these are compared with, and a name for their run: the last good one, if there was one.

        Where that has no step in common with these, it is the newest one that has.
        """
        newest, name = next(iter(last.history.forecasts), None), "the last run"
        if self.plan.gates.change_share is None or newest is None or last.run is None:
            return newest, name
        fits = partial(has_common, given.panel, forecast)
        if fits(before=newest):
            return newest, name
        found = find_earlier(
            self.journal.runs, good=good, last=last.run, basis=basis, fits=lambda one: fits(before=one)
        )
        if found is None:
            return newest, name
        words = f"nothing in common with the last good run: forecasts are compared with those of run {found[0].run}"
        self.journal.warn("compared_with_earlier", words)
        return found[1], f"run {found[0].run}"

    def _look_at_files(self, current: Model) -> Snapshot:
        """The files as they are now. Raises ConfigurationError where they need more memory than the plan allows."""
        plan = self.plan
        found = take_snapshot(current.find_data(plan.data), others=list_others(plan, model=current), runs=plan.runs)
        if plan.max_memory is not None:
            self.journal.record.memory = check_files(found.files, limit=plan.max_memory, trains=may_train(plan))
        return found
