"""Recurrent layers of six cells, in torch, with their equations.

Notation: x_t is the input and h_t the output at step t, c_t the cell state, σ the logistic function, ⊙ the
element-wise product. Every layer takes steps [time, batch, hidden], the newest last, starts with
h = c = 0, and gives outputs of the same shape. `weight_ih` and `weight_hh` stack the W and U of all gates, in
blocks of `hidden` rows.

- `rnn`      h_t = tanh(W x_t + U h_(t−1) + b). Elman 1990, "Finding structure in time". torch.nn.RNN.
- `lstm`     i, f, o = σ(W x_t + U h_(t−1) + b), g = tanh(…), c_t = f ⊙ c_(t−1) + i ⊙ g, h_t = o ⊙ tanh(c_t).
             Hochreiter & Schmidhuber 1997; the forget gate: Gers, Schmidhuber & Cummins 2000. torch.nn.LSTM.
- `gru`      r, z = σ(…), n = tanh(W x_t + b + r ⊙ (U h_(t−1) + b')), h_t = (1 − z) ⊙ n + z ⊙ h_(t−1).
             Cho et al. 2014, with r after the product, as in cuDNN. torch.nn.GRU.
- `peephole`, `coupled`, `depth-gated`: see `PeepholeLSTM`, `CoupledLSTM`, `DepthGatedLSTM`.
"""

import torch
from torch import Tensor, nn

from forecaster.settings import CELLS, NetworkShape

__all__ = ["CoupledLSTM", "DepthGatedLSTM", "PeepholeLSTM", "make_layers", "run_layers"]

CLOSED = -3.0
"""Initial bias of a depth gate: nearly closed, as in a plain LSTM."""


class WrittenCell(nn.Module):
    """A layer with its recurrence in Python: the products with all inputs at once, then a loop over steps."""

    def __init__(self, hidden: int, *, gates: int, recurrent_gates: int) -> None:
        super().__init__()
        self.hidden_size = hidden
        self.weight_ih = nn.Parameter(torch.empty(gates * hidden, hidden))
        self.weight_hh = nn.Parameter(torch.empty(recurrent_gates * hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(gates * hidden))

    def forward(self, steps: Tensor, below: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Outputs and cell states, [time, batch, hidden] each; `below` are those of the layer below."""
        products = nn.functional.linear(steps, self.weight_ih, self.bias)  # [time, batch, gate × hidden]
        hidden = cell = steps.new_zeros(steps.shape[1:])
        recurrent, width = self.weight_hh.t(), len(self.weight_hh)
        under = [None] * len(steps) if below is None else below.unbind(0)
        hiddens, cells = [], []
        for product, cell_below in zip(products.unbind(0), under, strict=True):
            gates = torch.addmm(product[:, :width], hidden, recurrent)
            hidden, cell = self.update(gates, cell, product[:, width:], cell_below)
            hiddens.append(hidden)
            cells.append(cell)
        return torch.stack(hiddens), torch.stack(cells)

    def update(
        self, gates: Tensor, cell: Tensor, _remaining: Tensor, _below: Tensor | None, /
    ) -> tuple[Tensor, Tensor]:
        """h_t and c_t, [batch, hidden] each, from W x_t + U h_(t−1) + b of the recurrent gates.

        `_remaining` [batch, …] is W x_t + b of the gates that do not use h, `_below` c_t of the layer below.
        """
        raise NotImplementedError


class PeepholeLSTM(WrittenCell):
    """An LSTM whose gates see the cell state: Gers & Schmidhuber 2000, "Recurrent nets that time and count".

    i = σ(W_i x_t + U_i h_(t−1) + p_i ⊙ c_(t−1) + b_i), f likewise with p_f; c_t as in the LSTM;
    o = σ(W_o x_t + U_o h_(t−1) + p_o ⊙ c_t + b_o). `peepholes` names the gates that see it; the others do not.
    """

    def __init__(self, hidden: int, *, peepholes: tuple[str, ...]) -> None:
        super().__init__(hidden, gates=4, recurrent_gates=4)
        self.peepholes = nn.ParameterDict({gate: nn.Parameter(torch.zeros(hidden)) for gate in peepholes})

    def update(
        self, gates: Tensor, cell: Tensor, _remaining: Tensor, _below: Tensor | None, /
    ) -> tuple[Tensor, Tensor]:
        i, f, g, o = gates.chunk(4, dim=1)
        i, f = torch.sigmoid(self._look("input", i, cell)), torch.sigmoid(self._look("forget", f, cell))
        cell = f * cell + i * torch.tanh(g)
        return torch.sigmoid(self._look("output", o, cell)) * torch.tanh(cell), cell

    def _look(self, gate: str, product: Tensor, cell: Tensor) -> Tensor:
        return torch.addcmul(product, self.peepholes[gate], cell) if gate in self.peepholes else product


class CoupledLSTM(WrittenCell):
    """An LSTM that forgets as much as it adds: f = 1 − i, so c_t = c_(t−1) + i ⊙ (g − c_(t−1)).

    Greff et al. 2017, "LSTM: A search space odyssey" (variant CIFG), as ONNX has it. The gates are i, g, o.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__(hidden, gates=3, recurrent_gates=3)

    def update(
        self, gates: Tensor, cell: Tensor, _remaining: Tensor, _below: Tensor | None, /
    ) -> tuple[Tensor, Tensor]:
        i, g, o = gates.chunk(3, dim=1)
        cell = torch.lerp(cell, torch.tanh(g), torch.sigmoid(i))
        return torch.sigmoid(o) * torch.tanh(cell), cell


class DepthGatedLSTM(WrittenCell):
    """An LSTM that adds the cell state of the layer below: Yao et al. 2015, "Depth-gated LSTM".

    d = σ(W_d x_t + w_c ⊙ c_(t−1) + w_l ⊙ c_t of the layer below + b_d),
    c_t = d ⊙ c_t of the layer below + f ⊙ c_(t−1) + i ⊙ g. The lowest layer has no layer below and is an LSTM.
    """

    def __init__(self, hidden: int, *, is_lowest: bool) -> None:
        super().__init__(hidden, gates=4 if is_lowest else 5, recurrent_gates=4)
        if not is_lowest:
            self.weight_cell = nn.Parameter(torch.zeros(hidden))
            self.weight_below = nn.Parameter(torch.zeros(hidden))

    def update(self, gates: Tensor, cell: Tensor, remaining: Tensor, below: Tensor | None, /) -> tuple[Tensor, Tensor]:
        hidden = self.hidden_size
        i, f = torch.sigmoid(gates[:, : 2 * hidden]).chunk(2, dim=1)
        g, o = gates[:, 2 * hidden :].chunk(2, dim=1)
        before = cell
        cell = torch.addcmul(i * torch.tanh(g), f, before)
        if below is not None:
            looked = torch.addcmul(torch.addcmul(remaining, self.weight_cell, before), self.weight_below, below)
            cell = torch.addcmul(cell, torch.sigmoid(looked), below)
        return torch.sigmoid(o) * torch.tanh(cell), cell


def make_layers(shape: NetworkShape) -> nn.ModuleList:
    """The layers of a network of `shape`, the lowest first, with initial weights."""
    hidden = shape.hidden
    layers: list[nn.Module] = []
    for number in range(shape.layers):
        layer: nn.Module
        match shape.cell:
            case "lstm":
                layer = nn.LSTM(hidden, hidden)
            case "gru":
                layer = nn.GRU(hidden, hidden)
            case "rnn":
                layer = nn.RNN(hidden, hidden)
            case "peephole":
                layer = PeepholeLSTM(hidden, peepholes=shape.peepholes)
            case "coupled":
                layer = CoupledLSTM(hidden)
            case "depth-gated":
                layer = DepthGatedLSTM(hidden, is_lowest=number == 0)
            case _:
                raise ValueError(f"{shape.cell}: not one of {', '.join(CELLS)}")
        _initialise(layer, shape=shape)
        layers.append(layer)
    return nn.ModuleList(layers)


def run_layers(layers: nn.ModuleList, steps: Tensor, *, drop: nn.Module) -> Tensor:
    """Run the layers in turn, adding each layer's outputs to its inputs: [time, batch, hidden]."""
    below: Tensor | None = None
    for layer in layers:
        if isinstance(layer, DepthGatedLSTM):
            out, below = layer(drop(steps), below)
        else:
            out = layer(drop(steps))[0]
        steps = steps + out
    return steps


def _initialise(layer: nn.Module, *, shape: NetworkShape) -> None:
    """Orthogonal recurrent weights, and a forget bias of 1 (Jozefowicz et al. 2015).

    With `shape.memory_steps`, chrono initialisation (Tallec & Ollivier 2018, "Can recurrent neural
    networks warp time?"): the forget bias is log u, with u uniform from 1 to `memory_steps` − 1, and the input
    bias is −log u, so that the initial units have memories of all lengths up to `memory_steps`.
    """
    hidden = shape.hidden
    weights = dict(layer.named_parameters())
    fused = "weight_ih_l0" in weights
    recurrent, inputs = (weights[f"weight_{kind}_l0" if fused else f"weight_{kind}"] for kind in ("hh", "ih"))
    bias = weights["bias_ih_l0" if fused else "bias"]
    with torch.no_grad():
        for block in recurrent.chunk(len(recurrent) // hidden):
            nn.init.orthogonal_(block)
        nn.init.xavier_uniform_(inputs)
        bias.zero_()
        if fused:
            weights["bias_hh_l0"].zero_()
        forget_bias = torch.ones(hidden)
        if shape.memory_steps:
            forget_bias = torch.log(torch.empty(hidden).uniform_(1, shape.memory_steps - 1))
        match shape.cell:
            case "lstm" | "peephole" | "depth-gated":
                bias[hidden : 2 * hidden] = forget_bias
                if shape.memory_steps:
                    bias[:hidden] = -forget_bias
            case "coupled":
                # the input gate i also forgets, f = 1 − i
                bias[:hidden] = -forget_bias
            case "gru":
                # torch has the gates in the order reset, update, new
                bias[hidden : 2 * hidden] = forget_bias
        if isinstance(layer, DepthGatedLSTM):
            bias[4 * hidden :] = CLOSED
