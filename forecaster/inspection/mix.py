"""What a forecast is mixed from: the network's candidate forecasts, and what its median is averaged with."""

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.encoded import Encoded
from forecaster.forecasting.blending import measure_average
from forecaster.forecasting.forecaster import Forecaster
from forecaster.network.trace import NetworkTrace

__all__ = ["complete_mix"]

CLIMATOLOGY = "climatology"


def complete_mix(trace: NetworkTrace, encoded: Encoded, *, forecaster: Forecaster) -> tuple[Array, tuple[str, ...]]:
    """The weights of the mix [horizon, candidate], once the median is averaged with other forecasts; and names."""
    mix, names = trace.mix[0].astype(np.float64), forecaster.encoding.candidates
    if encoded.second.weight.any():
        share = measure_average(trace.quantiles.astype(np.float64), encoded, levels=forecaster.levels)[0, :, None]
        mix, names = np.concatenate([(1 - share) * mix, share], axis=1), (*names, str(encoded.second.kind[0]))
    if encoded.climatology.weight.any():
        share = encoded.climatology.weight[0, :, None]
        mix, names = np.concatenate([(1 - share) * mix, share], axis=1), (*names, CLIMATOLOGY)
    return mix, names
