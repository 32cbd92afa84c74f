"""How long each cell remembers: `python -m benchmarks.memory`.

Figures go to `results/memory.json`, charts to `docs/cells/`; `--table` prints the tables of `docs/cells.md`.

Two tasks, for gaps of 10, 100 and 1,000 steps, learned by one layer of each cell for the same number of steps:

- the adding problem (Hochreiter & Schmidhuber 1997): each step shows a number and a mark, and the answer at the
  end is the sum of the two marked numbers, the first of them in the first tenth of the steps;
- a lagged copy: a noise series has to be repeated after a gap.

The score is the mean squared error as a fraction of that of always predicting the mean: 1 is nothing learned, 0 is all.

Also, for cells before training: the norm of the gradient of the last output with respect to the input at each
distance, also for a plain RNN with recurrent weights 1.5 times as large; and that norm after clipping.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.measuring import RESULTS, write_results
from forecaster.network.cells import make_layers, run_layers
from forecaster.report.drawing import draw
from forecaster.report.lines_and_bars import describe_bars, describe_lines
from forecaster.settings import CELLS, NetworkShape

CHARTS = Path(__file__).resolve().parent.parent / "docs" / "cells"
GAPS = (10, 100, 1000)
SIZE = (960, 380)
TASKS = ("adding", "copy")
HIDDEN, BATCH, RATE, NORM = 32, 32, 5e-3, 1.0
DISTANCES, STRIDE = 200, 5
EXPLODING, SMALL = 1.5, 0.05
MIN_GRADIENT = 1e-12


class Rememberer(nn.Module):
    """One recurrent layer between an embedding and a linear output."""

    def __init__(self, cell: str, *, channels: int, memory_steps: int | None) -> None:
        super().__init__()
        self.embedding = nn.Linear(channels, HIDDEN)
        self.layers = make_layers(NetworkShape(1, HIDDEN, 0.0, cell, memory_steps=memory_steps))
        self.output = nn.Linear(HIDDEN, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Answers [time, batch] to `inputs` [time, batch, channel]."""
        steps = self.embedding(inputs)
        # without the residual connection: all that is remembered has to be in the layer
        answers: Tensor = self.output(run_layers(self.layers, steps, drop=nn.Identity()) - steps)
        return answers[..., 0]


def sample_task(task: str, *, gap: int, generator: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs [time, batch, channel], answers [time, batch], and which of them count [time, 1]."""
    if task == "adding":
        numbers, marks = generator.random((gap, BATCH)), np.zeros((gap, BATCH))
        first = generator.integers(0, max(gap // 10, 1), BATCH)
        second = generator.integers(max(gap // 2, 1), gap, BATCH)
        marks[first, np.arange(BATCH)] = marks[second, np.arange(BATCH)] = 1
        inputs, answers = np.stack([numbers, marks], axis=2), np.tile((numbers * marks).sum(axis=0), (gap, 1))
        counts = np.arange(gap) == gap - 1
    else:
        length = gap + max(gap // 10, 5)
        noise = generator.standard_normal((length, BATCH))
        # the values to remember come first, then only zeros and the signal to repeat them
        noise[length - gap :] = 0
        counts = np.arange(length) >= gap
        inputs = np.stack([noise, np.repeat(counts[:, None], BATCH, axis=1)], axis=2)
        answers = np.roll(noise, gap, axis=0)
    shape = torch.from_numpy(counts[:, None].astype(np.float32))
    return torch.from_numpy(inputs.astype(np.float32)), torch.from_numpy(answers.astype(np.float32)), shape


def learn_task(task: str, *, cell: str, gap: int, steps: int, memory_steps: int | None = None) -> dict[str, float]:
    """The error after `steps` steps as a fraction of the variance, and the seconds that they took."""
    torch.manual_seed(0)
    generator = np.random.default_rng(0)
    network = Rememberer(cell, channels=2, memory_steps=memory_steps)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    started, last = time.perf_counter(), []
    for step in range(steps):
        inputs, answers, counts = sample_task(task, gap=gap, generator=generator)
        weight = counts.expand_as(answers)
        mean = (answers * weight).sum() / weight.sum()
        variance = ((answers - mean) ** 2 * weight).sum() / weight.sum()
        error = ((network(inputs) - answers) ** 2 * weight).sum() / weight.sum()
        optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(network.parameters(), NORM)
        optimizer.step()
        if step >= steps * 9 // 10:
            last.append(error.item() / variance.item())
    return {"error": round(float(np.mean(last)), 4), "seconds": round(time.perf_counter() - started, 1)}


def measure_gradients(cell: str, *, larger: float = 1.0, memory_steps: int | None = None) -> list[float]:
    """Norm of the gradient of the last output by the inputs 0, 5, 10 … steps before, as a fraction of that at 0."""
    torch.manual_seed(0)
    layers = make_layers(NetworkShape(1, HIDDEN, 0.0, cell, memory_steps=memory_steps))
    with torch.no_grad():
        for name, weight in layers.named_parameters():
            if "weight_hh" in name:
                weight.mul_(larger)
    steps = (0.3 * torch.randn(DISTANCES + 1, 64, HIDDEN)).requires_grad_()
    out = run_layers(layers, steps, drop=nn.Identity())[-1] - steps[-1]
    (gradient,) = torch.autograd.grad(out.sum(), steps)
    norms: NDArray[np.float32] = gradient.norm(dim=2).mean(dim=1).flip(0).numpy()
    return [float(f"{norm:.4g}") for norm in (norms / norms[0])[::STRIDE]]


def measure_clipping(*, larger: float) -> dict[str, float]:
    """The norm of a plain RNN's weight gradient over `DISTANCES` steps, before and after clipping at 1."""
    torch.manual_seed(0)
    network = Rememberer("rnn", channels=2, memory_steps=None)
    with torch.no_grad():
        dict(network.layers[0].named_parameters())["weight_hh_l0"].mul_(larger)
    inputs, answers, _ = sample_task("adding", gap=DISTANCES, generator=np.random.default_rng(0))
    (0.01 * (network(0.05 * inputs)[-1] - answers[-1]) ** 2).mean().backward()
    before = float(nn.utils.clip_grad_norm_(network.parameters(), NORM))
    after = float(
        torch.stack([weight.grad.norm() for weight in network.parameters() if weight.grad is not None]).norm()
    )
    return {"before": before, "after": after}


def plot_charts(figures: dict[str, Any], *, folder: Path) -> None:
    """Write `gradients.svg` and `memory.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    gradients = {name: np.maximum(norms, MIN_GRADIENT) for name, norms in figures["gradients"].items()}
    distances = [str(distance) for distance in range(0, DISTANCES + 1, STRIDE)]
    chart = describe_lines(
        gradients,
        labels=distances,
        is_logarithmic=True,
        size=SIZE,
        title="Gradient of the last output by the input, by distance in steps",
    )
    (folder / "gradients.svg").write_bytes(draw(chart["light"], ending=".svg"))
    tasks = [f"{task} {gap}" for task in TASKS for gap in GAPS]
    errors = {
        name: np.array([found.get(task, {}).get("error", np.nan) for task in tasks])
        for name, found in figures["tasks"].items()
    }
    title = "Error by task and gap: 1 is nothing learned, 0 is all"
    bars = describe_bars(errors, labels=tasks, limits=(0.0, 1.1), size=SIZE, title=title)
    (folder / "memory.svg").write_bytes(draw(bars["light"], ending=".svg"))


def make_tables(figures: dict[str, Any]) -> str:
    """The gradients and the errors as the tables of `docs/cells.md`."""
    shown = (10, 50, 100, 200)
    lines = ["| cell | " + " | ".join(f"{distance} steps" for distance in shown) + " |", "|---|" + "---|" * len(shown)]
    for name, norms in figures["gradients"].items():
        lines.append(f"| `{name}` | " + " | ".join(f"{norms[distance // STRIDE]:.1g}" for distance in shown) + " |")
    tasks = [f"{task} {gap}" for task in TASKS for gap in GAPS]
    lines += ["", "| cell | " + " | ".join(tasks) + " |", "|---|" + "---|" * len(tasks)]
    for name, found in figures["tasks"].items():
        errors = (f"{found[task]['error']:.3f}" if task in found else "–" for task in tasks)
        lines.append(f"| `{name}` | " + " | ".join(errors) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is not in the results yet, and plot the charts again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500, help="learning steps of each task")
    parser.add_argument("--again", action="store_true", help="also measure again what is in the results")
    parser.add_argument("--table", action="store_true", help="measure nothing: print the results as tables")
    arguments = parser.parse_args()
    path = RESULTS / "memory.json"
    figures = json.loads(path.read_text()) if path.exists() and not arguments.again else {"tasks": {}}
    if arguments.table:
        print(make_tables(figures) if "gradients" in figures else "nothing is measured yet: run it without --table")
        return
    figures.pop("measured_on", None)
    figures["gradients"] = {cell: measure_gradients(cell) for cell in CELLS}
    figures["gradients"]["lstm, chrono"] = measure_gradients("lstm", memory_steps=DISTANCES)
    figures["gradients"]["rnn, larger weights"] = measure_gradients("rnn", larger=EXPLODING)
    figures["clipping"] = measure_clipping(larger=EXPLODING)
    for gap in GAPS:
        for task in TASKS:
            for name in (*CELLS, "lstm, chrono"):
                cell, memory_steps = (name, None) if name in CELLS else ("lstm", gap)
                found = figures["tasks"].setdefault(name, {})
                if f"{task} {gap}" not in found:
                    found[f"{task} {gap}"] = learn_task(
                        task, cell=cell, gap=gap, steps=arguments.steps, memory_steps=memory_steps
                    )
                    print(task, gap, name, found[f"{task} {gap}"], flush=True)
                    write_results("memory", figures=figures)
    write_results("memory", figures=figures)
    plot_charts(figures, folder=CHARTS)


if __name__ == "__main__":
    main()
