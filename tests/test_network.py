"""The torch network, and the ONNX graph that says the same."""

from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import ConfigurationError
from forecaster.learning.loss import pinball_loss
from forecaster.model.session import NetworkSession
from forecaster.network.onnx_graph import build_graph
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import QUANTILE_LEVELS, NetworkShape

QUANTILES = len(QUANTILE_LEVELS)
SIZES: Any = {"candidates": len(CANDIDATES), "quantiles": QUANTILES}


def make_network(*, layers: int = 2, hidden: int = 12, seed: int = 0) -> StackedLSTM:
    torch.manual_seed(seed)
    shape = NetworkShape(layers, hidden)
    network = StackedLSTM(shape, channels=len(CHANNELS), **SIZES)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    return network.eval()


def make_batch(*, batch: int, context_length: int, horizon: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(batch, context_length + horizon, len(CHANNELS)), 3 * torch.randn(batch, len(CANDIDATES), horizon)


def as_arrays(network: StackedLSTM) -> dict[str, NDArray[np.float32]]:
    return {name: weight.numpy() for name, weight in network.state_dict().items()}


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize(("batch", "context_length", "horizon"), [(1, 5, 1), (7, 30, 12), (3, 2, 60)])
def test_onnx_runtime_gives_what_torch_gives(layers: int, batch: int, context_length: int, horizon: int) -> None:
    network = make_network(layers=layers)
    inputs, candidates = make_batch(batch=batch, context_length=context_length, horizon=horizon)
    with torch.no_grad():
        expected = network(inputs, candidates).numpy()
    graph = build_graph(as_arrays(network), shape=NetworkShape(layers, 12), **SIZES)
    found = NetworkSession(graph).run(inputs.numpy(), candidates.numpy())
    assert found.shape == (batch, horizon, QUANTILES)
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-5)


def test_graph_has_the_same_bytes_each_time() -> None:
    weights = as_arrays(make_network())
    graphs = [build_graph(weights, shape=NetworkShape(2, 12), **SIZES) for _ in range(2)]
    assert graphs[0] == graphs[1]
    assert [node.op_type for node in onnx.load_from_string(graphs[0]).graph.node].count("LSTM") == 2


def test_quantiles_never_cross() -> None:
    inputs, candidates = make_batch(batch=50, context_length=10, horizon=8)
    with torch.no_grad():
        quantiles = make_network()(10 * inputs, 10 * candidates)
    assert bool((quantiles.diff(dim=2) >= 0).all())


def test_new_network_forecasts_about_the_mean_of_the_bases() -> None:
    network = StackedLSTM(NetworkShape(2, 16), channels=len(CHANNELS), **SIZES).eval()
    inputs, _ = make_batch(batch=20, context_length=10, horizon=4)
    candidates = torch.full((20, len(CANDIDATES), 4), 5.0)
    with torch.no_grad():
        median = network(inputs, candidates)[:, :, QUANTILES // 2]
    assert float((median - 5).abs().mean()) < 0.3


def test_context_reaches_the_forecast_through_the_recurrence() -> None:
    network = make_network()
    inputs, candidates = make_batch(batch=1, context_length=20, horizon=3)
    changed = inputs.clone()
    changed[:, 15] += 1
    with torch.no_grad():
        assert float((network(inputs, candidates) - network(changed, candidates)).abs().max()) > 1e-4


def test_pinball_loss_against_a_loop() -> None:
    generator = np.random.default_rng(0)
    quantiles, y_true = generator.normal(size=(4, 5, QUANTILES)), generator.normal(size=(4, 5)) * 3
    y_true[0, 2:] = np.nan
    y_true[3] = np.nan
    expected = []
    for window in range(4):
        losses = []
        for step in range(5):
            if not np.isnan(y_true[window, step]):
                errors = np.clip(y_true[window, step] - quantiles[window, step], -2, 2)
                losses.append(
                    np.mean([2 * max(q * e, (q - 1) * e) for q, e in zip(QUANTILE_LEVELS, errors, strict=True)])
                )
        expected.append(np.mean(losses) if losses else 0.0)
    found = pinball_loss(
        torch.tensor(quantiles), torch.tensor(y_true), levels=torch.tensor(QUANTILE_LEVELS, dtype=torch.double), clip=2
    )
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


def test_bytes_that_are_no_network_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        NetworkSession(b"not a network")
