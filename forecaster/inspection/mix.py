"""What a forecast is mixed from: the network's candidate forecasts, and what its median is averaged with."""

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.autoregression import has_own_year
from forecaster.encoding.encoded import Encoded
from forecaster.encoding.walks import may_walk
from forecaster.forecasting.blending import measure_average
from forecaster.forecasting.forecaster import Forecaster
from forecaster.network.trace import NetworkTrace

__all__ = ["complete_mix"]

OWN_CYCLES, OWN_YEAR, CLIMATOLOGY = "own_cycles", "own_year", "climatology"
LAST_VALUE, LAST_YEAR, SMOOTH_GROWTH = "last_value", "last_year", "smooth_growth"
"""Names in the mix of what the network's median is averaged with, see `SecondForecast` and `Climatology`."""


def complete_mix(trace: NetworkTrace, encoded: Encoded, *, forecaster: Forecaster) -> tuple[Array, tuple[str, ...]]:
    """The weights of the mix [horizon, candidate], once the median is averaged with other forecasts; and names."""
    mix, names = trace.mix[0].astype(np.float64), forecaster.encoding.candidates
    if encoded.second.weight.any():
        share = measure_average(trace.quantiles.astype(np.float64), encoded, levels=forecaster.levels)[0, :, None]
        periods = forecaster.encoding.periods
        name = OWN_YEAR if has_own_year(periods) else OWN_CYCLES
        if may_walk(periods):
            name = LAST_VALUE if np.ptp(encoded.second.forecast[0]) == 0 else LAST_YEAR
        if not np.isnan(encoded.second.error[0]).all():
            name = SMOOTH_GROWTH
        mix, names = np.concatenate([(1 - share) * mix, share], axis=1), (*names, name)
    if encoded.climatology.weight.any():
        share = encoded.climatology.weight[0, :, None]
        mix, names = np.concatenate([(1 - share) * mix, share], axis=1), (*names, CLIMATOLOGY)
    return mix, names
