"""Read the forecasts of past runs."""

from collections.abc import Sequence
from pathlib import Path

from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.errors import NotFoundError
from forecaster.library.functions import open_model
from forecaster.library.inputs import Data
from forecaster.library.model import Model
from forecaster.nightly.monitoring import Monitoring, monitor_runs
from forecaster.nightly.past_forecasts import PastForecast, read_past_forecast
from forecaster.nightly.runs import QUANTILES, RunsFolder
from forecaster.settings import RUNS_FOLDER

__all__ = ["monitor", "monitor_folder", "read_history"]


def read_history(folder: RunsFolder, *, runs: Sequence[str]) -> list[PastForecast]:
    """The forecasts of those of the `runs` that succeeded, in their order; a file that is broken is passed over."""
    found = []
    for run in runs:
        record, path = folder.read_record(run), folder.path / run / QUANTILES
        if record is None or record.status != "succeeded" or not record.horizon or not path.is_file():
            continue
        try:
            found.append(read_past_forecast(path, horizon=record.horizon))
        except ValueError:
            continue
    return found


def monitor(
    data: Data,
    *,
    runs: str | Path = RUNS_FOLDER,
    model: Model | str | Path | None = None,
    reading: ReadOptions | None = None,
) -> Monitoring:
    """Score the forecasts of the past runs in the folder `runs` against the values of `data` that have come since.

    `data` are read as for `predict`. Raises what reading raises, and NotFoundError where there are no good runs.
    """
    return monitor_folder(open_model(model).read(data, reading=reading).panel, Path(runs))


def monitor_folder(panel: Panel, runs: Path) -> Monitoring:
    """Score all runs in the folder `runs` by the values of `panel`. Raises NotFoundError where there are none."""
    folder = RunsFolder(runs)
    latest = folder.read_latest()
    if latest is None:
        raise NotFoundError(
            f"{runs}: no good run there. Make one with 'forecast run DATA', or name the folder with --runs."
        )
    return monitor_runs(panel, read_history(folder, runs=folder.list_runs()), promise=folder.read_promise(latest.run))
