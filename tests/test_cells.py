"""The family of cells: torch, ONNX Runtime and plain NumPy say the same."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.model.session import NetworkSession
from forecaster.network.cells import make_layers, run_layers
from forecaster.network.onnx_graph import build_graph
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.network.trace import trace_network
from forecaster.settings import CELLS, QUANTILE_LEVELS, NetworkShape

QUANTILES = len(QUANTILE_LEVELS)
SOME = NetworkShape(layers=3, hidden=6, dropout=0.0)
SHAPES = [replace(SOME, cell=cell) for cell in CELLS]
SHAPES += [replace(SOME, cell="peephole", peepholes=chosen) for chosen in (("forget",), ("input", "output"), ())]
OPERATORS = {"lstm": "LSTM", "peephole": "LSTM", "coupled": "LSTM", "gru": "GRU", "rnn": "RNN", "depth-gated": "Scan"}


def stir(module: torch.nn.Module, *, seed: int = 0) -> None:
    """Move all weights away from where they start, so that none is 0."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(0.3 * torch.randn_like(weight))


def make_network(shape: NetworkShape) -> StackedLSTM:
    torch.manual_seed(1)
    network = StackedLSTM(shape, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=QUANTILES)
    stir(network)
    return network.eval()


def as_arrays(network: StackedLSTM) -> dict[str, NDArray[np.float32]]:
    return {name: weight.numpy() for name, weight in network.state_dict().items()}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("batch", "horizon"), [(1, 1), (5, 9)])
def test_torch_and_onnx_runtime_give_what_the_equations_say(shape: NetworkShape, batch: int, horizon: int) -> None:
    network = make_network(shape)
    inputs, candidates = (
        torch.randn(batch, 20 + horizon, len(CHANNELS)),
        3 * torch.randn(batch, len(CANDIDATES), horizon),
    )
    with torch.no_grad():
        from_torch = network(inputs, candidates).numpy()
    weights = as_arrays(network)
    graph = build_graph(weights, shape=shape, candidates=len(CANDIDATES), quantiles=QUANTILES)
    from_onnx = NetworkSession(graph).run(inputs.numpy(), candidates.numpy())
    precise = {name: values.astype(np.float64) for name, values in weights.items()}
    trace = trace_network(inputs.double().numpy(), candidates.double().numpy(), weights=precise, shape=shape)
    assert trace.quantiles.shape == (batch, horizon, QUANTILES)
    np.testing.assert_allclose(from_torch, trace.quantiles, atol=2e-5, rtol=2e-5)
    np.testing.assert_allclose(from_onnx, trace.quantiles, atol=2e-5, rtol=2e-5)
    np.testing.assert_allclose(trace.mix.sum(axis=2), 1.0)
    used = {node.op_type for node in onnx.load_from_string(graph).graph.node}
    assert used & set(OPERATORS.values()) == {OPERATORS[shape.cell]}
    for layer in trace.layers:
        assert layer.outputs.shape == layer.cells.shape == (20 + horizon, batch, shape.hidden)
        assert all((gate > 0).all() and (gate < 1).all() for gate in layer.gates.values())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_are_those_of_finite_differences(shape: NetworkShape) -> None:
    layers = make_layers(replace(shape, layers=2, hidden=3)).double()
    stir(layers)
    steps = torch.randn(4, 2, 3, dtype=torch.double, requires_grad=True)
    weights = list(layers.parameters())
    names = [name for name, _ in layers.named_parameters()]

    def run(steps: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        given = dict(zip((f"layers.{name}" for name in names), values, strict=True))
        out: torch.Tensor = torch.func.functional_call(Stack(layers), given, (steps,))
        return out

    assert torch.autograd.gradcheck(run, (steps, *weights), fast_mode=True)  # along random directions


class Stack(torch.nn.Module):
    def __init__(self, layers: torch.nn.ModuleList) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        return run_layers(self.layers, steps, drop=torch.nn.Identity())


def as_lstm(layers: torch.nn.ModuleList, shape: NetworkShape) -> torch.nn.ModuleList:
    """Plain LSTM layers with the weights that `layers` have for the four gates."""
    plain = make_layers(replace(shape, cell="lstm")).double()
    rows = 4 * shape.hidden
    with torch.no_grad():
        for one, other in zip(plain, layers, strict=True):
            own, given = dict(one.named_parameters()), dict(other.named_parameters())
            own["weight_ih_l0"].copy_(given["weight_ih"][:rows])
            own["weight_hh_l0"].copy_(given["weight_hh"])
            own["bias_ih_l0"].copy_(given["bias"][:rows])
            own["bias_hh_l0"].zero_()
    return plain


@pytest.mark.parametrize("cell", ["peephole", "depth-gated"])
def test_a_cell_whose_addition_is_off_is_an_lstm(cell: str) -> None:
    shape = replace(SOME, cell=cell)
    layers = make_layers(shape).double()
    stir(layers)
    steps = torch.randn(30, 4, shape.hidden, dtype=torch.double)
    with torch.no_grad():
        for name, weight in layers.named_parameters():
            if "peepholes" in name or name.endswith(("weight_cell", "weight_below")):
                weight.zero_()
            if cell == "depth-gated" and name.endswith("bias") and len(weight) > 4 * shape.hidden:
                weight[4 * shape.hidden :] = -100  # closed
            if cell == "depth-gated" and name.endswith("weight_ih"):
                weight[4 * shape.hidden :] = 0
        found = run_layers(layers, steps, drop=torch.nn.Identity())
        expected = run_layers(as_lstm(layers, shape), steps, drop=torch.nn.Identity())
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", CELLS)
def test_gates_add_up_and_keep_at_the_start(cell: str) -> None:
    shape = replace(SOME, cell=cell, hidden=40)
    torch.manual_seed(0)
    network = StackedLSTM(shape, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=QUANTILES)
    inputs, candidates = np.zeros((1, 12, len(CHANNELS))), np.zeros((1, len(CANDIDATES), 4))
    gates = trace_network(inputs, candidates, weights=as_arrays(network), shape=shape).layers[0].gates
    keeping = gates.get("forget", gates.get("update"))
    assert keeping is None or 0.6 < keeping.mean() < 0.85, "the logistic function of 1 is 0.73"
    if cell == "coupled":
        np.testing.assert_allclose(gates["input"] + gates["forget"], 1.0)


def test_chrono_initialisation_spreads_memories_up_to_the_steps_asked_for() -> None:
    shape = NetworkShape(layers=1, hidden=2000, cell="peephole", memory_steps=1000)
    torch.manual_seed(0)
    bias = dict(make_layers(shape)[0].named_parameters())["bias"].detach()
    entering, kept = bias[:2000], bias[2000:4000]
    torch.testing.assert_close(entering, -kept)
    # log u with u uniform up to 999
    assert 480 < float(kept.exp().mean()) < 520
    assert float(kept.exp().max()) < 999
