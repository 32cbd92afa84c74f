"""What covariates add to the forecasts of many series."""

from typing import TYPE_CHECKING

from forecaster.forecasting.future import fill_future
from forecaster.inspection.explanation import ColumnEffects, explain_columns
from forecaster.library.inputs import Given
from forecaster.library.picture_plan import PicturePlan
from forecaster.library.pictures import Pictures

if TYPE_CHECKING:
    from forecaster.library.model import Model

__all__ = ["explain_effects_of_covariates"]


def explain_effects_of_covariates(
    model: "Model", given: Given, pictures: Pictures, *, plan: PicturePlan, most: int
) -> dict[int, ColumnEffects]:
    """What each column adds to the forecasts of the first `most` series, by number of the series.

    Series that are forecast from steps after their own end are left out.
    """
    forecaster, horizon, forecast = model.prepare(given, seasons=plan.seasons), pictures.horizon, pictures.forecast
    panel = given.look_ahead(horizon)
    if panel.covariates is None or forecast.origins is None or not len(panel.covariates):
        return {}
    if plan.fill is not None:
        index, lead, period = forecast.index, forecast.origins.lead, forecaster.encoding.periods[0]
        panel = fill_future(panel, index, lead=lead, horizon=horizon, rule=plan.fill, period=period)
    explained = {}
    for series, window in list(pictures.windows.items())[:most]:
        if forecast.origins.lead[window]:
            continue
        effects = explain_columns(panel, forecaster, series=series, median=forecast.median[window])
        if effects is not None:
            explained[series] = effects
    return explained
