"""What the commands do, as functions: train, predict, evaluate; and a model folder opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.data.read_options import ReadOptions
from forecaster.errors import ConfigurationError
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.opening import make_forecaster
from forecaster.learning.plan import RunControl, TrainingPlan
from forecaster.library.inputs import Data, Given, Remark, ignore, read_data
from forecaster.library.model import BacktestPlan, Model, find_model
from forecaster.library.scores import Scores
from forecaster.settings import DEFAULT_LEVELS

if TYPE_CHECKING:
    import pandas as pd

    from forecaster.learning.loop import Progress

__all__ = ["evaluate", "explain_missing_torch", "learn", "load", "predict", "train"]


def predict(
    data: Data,
    *,
    horizon: int | None = None,
    model: Model | str | Path = "base",
    level: tuple[float, ...] = DEFAULT_LEVELS,
    quantile_levels: tuple[float, ...] = (),
    seasons: tuple[int, ...] = (),
    bounds: Bounds | None = None,
    reading: ReadOptions | None = None,
    on_remark: Remark = ignore,
) -> "pd.DataFrame":
    """Forecast every series in `data`: a frame, long or wide, or what `forecast predict` takes.

    The columns are those of the data that tell series and times, with the types that they have there, then `forecast`,
    which is the median, and the ends of central intervals of `level` per cent, such as `forecast-lo-80`.

    `horizon` is in steps of the series' calendar (default: one main season, or as the model was trained). `model` is
    the base model, a folder, or what `train` or `load` gave. `seasons` are in steps, `reading` is for what cannot be
    found out, `on_remark` is told in sentences what was found. Series without a value have forecasts that are NaN; all
    else that cannot be forecast raises one of `forecaster.errors`.

    >>> import pandas as pd
    >>> import forecaster
    >>> frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=28), "y": [5, 5, 6, 6, 9, 1, 0] * 4})
    >>> forecaster.predict(frame, horizon=7).round(1)[["ds", "forecast"]].head(3)
              ds  forecast
    0 2024-01-29       5.0
    1 2024-01-30       5.0
    2 2024-01-31       6.0
    """
    opened = model if isinstance(model, Model) else load(model)
    return opened.predict(
        data,
        horizon=horizon,
        level=level,
        quantile_levels=quantile_levels,
        seasons=seasons,
        bounds=bounds,
        reading=reading,
        on_remark=on_remark,
    )


def evaluate(
    data: Data,
    *,
    model: Model | str | Path = "base",
    plan: BacktestPlan | None = None,
    seasons: tuple[int, ...] = (),
    bounds: Bounds | None = None,
    reading: ReadOptions | None = None,
    on_remark: Remark = ignore,
) -> Scores:
    """Forecast from past cutoffs of `data`, and score the model beside simple baselines.

    >>> import forecaster
    >>> scores = forecaster.evaluate("sample_data/air_passengers.csv", plan=forecaster.BacktestPlan(horizon=12))
    >>> scores.overall.round(2).rename_axis(None).loc[["forecast", "SeasonalNaive"], ["MASE", "WQL"]]
                   MASE   WQL
    forecast       0.42  0.03
    SeasonalNaive  1.57  0.08
    >>> scores.best_baseline
    'SeasonalNaive'
    """
    opened = model if isinstance(model, Model) else load(model)
    return opened.evaluate(data, plan=plan, seasons=seasons, bounds=bounds, reading=reading, on_remark=on_remark)


def load(folder: str | Path) -> Model:
    """Open a model folder, or the base model where `folder` is "base" and there is no such folder.

    Raises NotFoundError where there is none, ConfigurationError where it is broken.

    >>> import forecaster
    >>> forecaster.load("base").card.network.hidden
    96
    """
    return find_model(Path(folder), with_weights=True)


def train(
    data: Data,
    *,
    horizon: int | None = None,
    plan: TrainingPlan | None = None,
    reading: ReadOptions | None = None,
    control: "RunControl[Progress] | None" = None,
    on_remark: Remark = ignore,
) -> Model:
    """Learn from the series in `data`, beginning with the base model; nothing is written before `Model.save`.

    `horizon` is in steps, and goes before that of the `plan`, which says all else that there is to choose. `control`
    has a run watched, stopped, saved and resumed. Raises DataError where there is too little to learn from,
    ConfigurationError where torch is not installed.
    """
    given = read_data(data, reading=reading, on_remark=on_remark)
    plan = plan or TrainingPlan()
    return learn(
        given, plan=plan if horizon is None else replace(plan, horizon=horizon), reading=reading, control=control
    )


def learn(
    given: Given,
    *,
    plan: TrainingPlan,
    reading: ReadOptions | None = None,
    control: "RunControl[Progress] | None" = None,
) -> Model:
    """Learn from data that was read by `reading`; see `train`."""
    # torch takes a second to import: not before the input is known to be good
    with explain_missing_torch():
        import torch  # noqa: PLC0415

        from forecaster.learning.fit import train as fit  # noqa: PLC0415
        from forecaster.learning.plan import DataSource  # noqa: PLC0415
    source, threads = DataSource(given.place, reading or ReadOptions()), torch.get_num_threads()
    try:
        # who learns in a program of their own keeps their random numbers and their threads
        with torch.random.fork_rng(devices=[]):
            trained = fit(given.panel, plan=plan, source=source, control=control)
    finally:
        torch.set_num_threads(threads)
    forecaster = make_forecaster(trained.card, network=trained.network, name="the new model")
    return Model(trained.card, trained.network, lambda: trained.weights, forecaster)


@contextmanager
def explain_missing_torch() -> Iterator[None]:
    """Raise ConfigurationError where what is imported here needs a package that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Learning needs {error.name}, which is not installed here. "
            "Install forecast with all that it depends on, or use the image 'train'."
        ) from error
