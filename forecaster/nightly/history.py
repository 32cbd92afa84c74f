"""Read the forecasts of past runs, as far as they can be compared with the data at hand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.errors import NotFoundError, UsageError
from forecaster.library.inputs import Data
from forecaster.library.model import Model
from forecaster.library.opening import open_model
from forecaster.nightly.basis import Basis, find_basis
from forecaster.nightly.monitoring import Monitoring, score_runs
from forecaster.nightly.past_forecasts import PastForecast, read_past_forecast
from forecaster.nightly.reading import read_with_clock
from forecaster.nightly.record import PastRun
from forecaster.nightly.runs import QUANTILES, RunsFolder
from forecaster.settings import RUNS_FOLDER

__all__ = ["History", "monitor", "monitor_folder", "monitor_runs", "read_history"]

UNREADABLE = "cannot be read"
OTHER_LEVELS = "has quantiles at other levels than the newest"


@dataclass(frozen=True)
class History:
    """The `forecasts` of runs that succeeded, in their order; of those left out, how many there are by reason."""

    forecasts: tuple[PastForecast, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """A sentence for each reason to leave runs out."""
        return tuple(
            f"left out {count:,} run{'s' if count > 1 else ''}, {'each of which' if count > 1 else 'which'} {reason}"
            for reason, count in self.left_out
        )

    @property
    def difference(self) -> str:
        """How runs that can be read were left out because they forecast something else; empty where none was."""
        return "; ".join(reason for reason, _ in self.left_out if reason not in (UNREADABLE, OTHER_LEVELS))


def read_history(folder: RunsFolder, *, runs: Sequence[PastRun], basis: Basis) -> History:
    """The forecasts of those of the `runs` that succeeded and whose values were those of `basis`."""
    found: list[PastForecast] = []
    left_out: Counter[str] = Counter()
    for record in runs:
        path = folder.path / record.run / QUANTILES
        if record.is_readable and not record.is_good:
            continue
        if not record.is_readable or record.horizon is None or record.horizon < 1 or not path.is_file():
            left_out[UNREADABLE] += 1
            continue
        known = None if record.input is None else record.input.basis
        difference = "does not say what it forecast" if known is None else known.tell_apart(basis)
        if difference:
            left_out[difference if known is None else f"forecast {difference}"] += 1
            continue
        try:
            forecast = read_past_forecast(path, horizon=record.horizon)
            model = record.model.id if record.model else None
            found.append(replace(forecast, model=model, promise=folder.read_promise(record.run)))
        except ValueError:
            left_out[UNREADABLE] += 1
    levels = next((one.levels for one in reversed(found) if len(one.ids)), ())
    kept = [one for one in found if one.levels == levels or not len(one.ids)]
    left_out[OTHER_LEVELS] += len(found) - len(kept)
    return History(tuple(kept), tuple((+left_out).items()))


def monitor(
    data: Data,
    *,
    runs: str | Path = RUNS_FOLDER,
    model: Model | str | Path | None = None,
    reading: ReadOptions | None = None,
) -> Monitoring:
    """Score the forecasts of the past runs in the folder `runs` against the values of `data` that have come since.

    `data` are read as for `run`. Raises what reading raises, and what `monitor_folder` raises.
    """
    opened = open_model(model)
    found = read_with_clock(lambda options: opened.read(data, reading=options), reading or ReadOptions())
    basis = find_basis(found.given, model=opened, reading=found.read_with)
    return monitor_folder(found.given.panel, Path(runs), basis=basis)


def monitor_folder(panel: Panel, runs: Path, *, basis: Basis) -> Monitoring:
    """Score the runs in the folder `runs` that forecast values of this `basis`, and judge the model of the last one.

    Raises NotFoundError where there are no good runs, or none that can be read, UsageError where all of them forecast
    something else.
    """
    folder = RunsFolder(runs)
    history = read_history(folder, runs=folder.read_records(), basis=basis)
    if not history.forecasts and not history.left_out:
        raise NotFoundError(
            f"{runs}: no good run there. Make one with 'forecast run DATA', or name the folder with --runs."
        )
    if not history.forecasts and history.difference:
        raise UsageError(
            f"{runs}: no run there can be compared with these data: {'; '.join(history.lines)}. "
            "Give the options that they were read with, such as --target, or name another folder with --runs."
        )
    if not history.forecasts:
        raise NotFoundError(
            f"{runs}: no run there can be read: {'; '.join(history.lines)}. Make one with 'forecast run DATA', or name "
            "another folder with --runs."
        )
    return _score(panel, history, model=history.forecasts[-1].model)


def monitor_runs(panel: Panel, folder: RunsFolder, *, past: Sequence[PastRun], basis: Basis, model: str) -> Monitoring:
    """Score the `past` runs in `folder` that forecast values of this `basis`, if any, and judge `model` by its own."""
    history = read_history(folder, runs=past, basis=basis)
    return _score(panel, history, model=model)


def _score(panel: Panel, history: History, *, model: str | None) -> Monitoring:
    return replace(score_runs(panel, history.forecasts, model=model), left_out=history.lines)
