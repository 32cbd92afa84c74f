"""The run that the next one is compared with: the one that `latest.json` names, or the newest good one to be read."""

from dataclasses import dataclass, field

from forecaster.errors import ConfigurationError
from forecaster.nightly.basis import Basis
from forecaster.nightly.history import History, read_history
from forecaster.nightly.runs import LATEST, Latest, RunsFolder

__all__ = ["GoodRuns", "LastGood", "find_last_good", "list_good_runs"]


@dataclass(frozen=True)
class GoodRuns:
    """The `names` of the runs that succeeded, by their records: the one that `latest` names, and the newest ones.

    `problem` is what is wrong with `latest.json` or with what it names, empty where nothing is. `may_have_more` is
    whether there were other good runs, or may have been, which cannot be read.
    """

    names: tuple[str, ...] = ()
    latest: Latest | None = None
    problem: str = ""
    may_have_more: bool = False


@dataclass(frozen=True)
class LastGood:
    """The last good `run` and its forecasts in `history`; None where there is none.

    `problem` is why it is not the one that `latest.json` names, or why there is none. `is_lost` is whether there is
    none to be read, although there were runs.
    """

    run: str | None = None
    history: History = field(default_factory=History)
    problem: str = ""
    is_lost: bool = False

    @property
    def difference(self) -> str:
        """Why nothing can be compared with the last good run, in words that go on after "which"; empty where it can."""
        return f"cannot be read ({self.problem})" if self.is_lost else self.history.difference


def list_good_runs(folder: RunsFolder) -> GoodRuns:
    """What `folder` has, by `latest.json` and the records."""
    latest, problem = None, ""
    try:
        latest = folder.read_latest()
    except ConfigurationError as error:
        problem = str(error)
    has_pointed = latest is not None or bool(problem)
    good, may_have_more = [], has_pointed
    for run in reversed(folder.list_runs()):
        record = folder.read_record(run)
        may_have_more |= record is None
        if record is not None and record.status == "succeeded":
            good.append(run)
    if latest is not None and latest.run in good:
        good.remove(latest.run)
        good.insert(0, latest.run)
    elif latest is not None:
        is_there = (folder.path / latest.run).is_dir()
        problem = f"{LATEST} names run {latest.run}, which {'cannot be read' if is_there else 'is gone'}"
    elif good and not problem:
        problem = f"{LATEST} is missing"
    return GoodRuns(tuple(good), latest, problem, may_have_more)


def find_last_good(folder: RunsFolder, *, good: GoodRuns, basis: Basis) -> LastGood:
    """The first of the `good` runs whose forecasts can be read, if these are of the same `basis` or not."""
    problem = good.problem
    for run in good.names:
        history = read_history(folder, runs=[run], basis=basis)
        if history.forecasts or history.difference:
            return LastGood(run, history, problem)
        problem = problem or f"the forecasts of run {run} cannot be read"
    is_lost = good.may_have_more or bool(good.names)
    return LastGood(problem=problem or ("no run there can be read" if is_lost else ""), is_lost=is_lost)
