"""Export weights to ONNX, and open them as a Forecaster that runs without torch."""

from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES
from forecaster.forecasting.forecaster import Forecaster
from forecaster.learning.learner import TensorWeights
from forecaster.model.session import NetworkSession
from forecaster.network.onnx_graph import build_graph
from forecaster.settings import QUANTILE_LEVELS, NetworkShape

__all__ = ["export_network", "open_weights"]


def export_network(weights: TensorWeights, *, shape: NetworkShape) -> bytes:
    """The network as the bytes of an ONNX file."""
    arrays = {name: weight.numpy() for name, weight in weights.items()}
    return build_graph(arrays, shape=shape, candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS))


def open_weights(weights: TensorWeights, *, shape: NetworkShape, encoding: Encoding, horizon: int) -> Forecaster:
    """A Forecaster that runs the network on ONNX Runtime."""
    session = NetworkSession(export_network(weights, shape=shape))
    return Forecaster(session.run, encoding=encoding, levels=QUANTILE_LEVELS, horizon=horizon)
