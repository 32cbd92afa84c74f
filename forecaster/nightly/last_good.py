"""The run that the next one is compared with: the one that `latest.json` names, or the newest good one to be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from forecaster.errors import ConfigurationError
from forecaster.nightly.basis import Basis
from forecaster.nightly.history import History, read_history
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.nightly.record import PastRun
from forecaster.nightly.runs import LATEST, Latest, RunsFolder

__all__ = ["GoodRuns", "LastGood", "find_earlier", "find_last_good", "list_good_runs"]


@dataclass(frozen=True)
class GoodRuns:
    """The `runs` that succeeded, by their records: the one that `latest` names, and the newest ones.

    `problem` is what is wrong with `latest.json` or with what it names, empty where nothing is. `may_have_more` is
    whether there were other good runs, or may have been, which cannot be read.
    """

    runs: tuple[PastRun, ...] = ()
    latest: Latest | None = None
    problem: str = ""
    may_have_more: bool = False


@dataclass(frozen=True)
class LastGood:
    """The last good `run` and its forecasts in `history`; None where there is none.

    `problem` is why it is not the one that `latest.json` names, or why there is none. `is_lost` is whether there is
    none to be read, although there were runs.
    """

    run: PastRun | None = None
    history: History = field(default_factory=History)
    problem: str = ""
    is_lost: bool = False

    @property
    def difference(self) -> str:
        """Why nothing can be compared with the last good run, in words that go on after "which"; empty where it can."""
        return f"cannot be read ({self.problem})" if self.is_lost else self.history.difference


def list_good_runs(folder: RunsFolder, *, past: Sequence[PastRun]) -> GoodRuns:
    """What `folder` has, by `latest.json` and the records of the `past` runs, the oldest first."""
    latest, problem = None, ""
    try:
        latest = folder.read_latest()
    except ConfigurationError as error:
        problem = str(error)
    has_pointed = latest is not None or bool(problem)
    good = [run for run in reversed(past) if run.is_good]
    may_have_more = has_pointed or not all(run.is_readable for run in past)
    if latest is not None and any(run.run == latest.run for run in good):
        good.sort(key=lambda run: run.run != latest.run)
    elif latest is not None:
        is_there = (folder.path / latest.run).is_dir()
        problem = f"{LATEST} names run {latest.run}, which {'cannot be read' if is_there else 'is gone'}"
    elif good and not problem:
        problem = f"{LATEST} is missing"
    return GoodRuns(tuple(good), latest, problem, may_have_more)


def find_last_good(folder: RunsFolder, *, good: GoodRuns, basis: Basis) -> LastGood:
    """The first of the `good` runs whose forecasts can be read, if these are of the same `basis` or not."""
    problem = good.problem
    for run in good.runs:
        history = read_history(folder, runs=[run], basis=basis)
        if history.forecasts or history.difference:
            return LastGood(run, history, problem)
        problem = problem or f"the forecasts of run {run.run} cannot be read"
    is_lost = good.may_have_more or bool(good.runs)
    return LastGood(problem=problem or ("no run there can be read" if is_lost else ""), is_lost=is_lost)


def find_earlier(
    folder: RunsFolder, *, good: GoodRuns, last: PastRun, basis: Basis, fits: Callable[[PastForecast], bool]
) -> tuple[PastRun, PastForecast] | None:
    """The newest of the `good` runs other than the `last` one whose forecasts are of this `basis` and `fits` takes."""
    for run in good.runs[good.runs.index(last) + 1 :]:
        for forecast in read_history(folder, runs=[run], basis=basis).forecasts:
            if fits(forecast):
                return run, forecast
    return None
