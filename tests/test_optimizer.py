"""Steps of the optimizer: those of torch's class and of the definition, also after a stop, and without its compiler."""

import sys

import numpy as np
import pytest
import torch

from forecaster.arrays import Array
from forecaster.learning.optimizer import AdamW

RATES = (0.1, 0.02, 0.3, 0.1)


def make_weights() -> list[torch.nn.Parameter]:
    generator = np.random.default_rng(0)
    return [torch.nn.Parameter(torch.from_numpy(generator.normal(size=shape))) for shape in ((3, 2), (4,))]


def take_steps(optimizer: AdamW, rates: tuple[float, ...]) -> None:
    """Steps with the gradients of the sum of the cubes."""
    for rate in rates:
        optimizer.forget_gradients()
        torch.stack([(weight**3).sum() for weight in optimizer.weights]).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step(rate)


def step_by_definition(weight: Array, *, weight_decay: float) -> Array:
    """Adam with decoupled weight decay, as Loshchilov and Hutter define it, on one weight."""
    mean, square = np.zeros_like(weight), np.zeros_like(weight)
    for number, rate in enumerate(RATES, start=1):
        gradient = 3 * weight**2
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        change = (mean / (1 - 0.9**number)) / (np.sqrt(square / (1 - 0.999**number)) + 1e-8)
        weight = weight - rate * (change + weight_decay * weight)
    return weight


def test_steps_are_those_of_the_definition() -> None:
    expected = [step_by_definition(weight.detach().numpy(), weight_decay=0.3) for weight in make_weights()]
    optimizer = AdamW(make_weights(), weight_decay=0.3)
    take_steps(optimizer, RATES)
    for weight, other in zip(optimizer.weights, expected, strict=True):
        np.testing.assert_allclose(weight.detach().numpy(), other, rtol=1e-12)


def test_steps_are_those_of_the_class_in_torch() -> None:
    ours = AdamW(make_weights(), weight_decay=0.3)
    take_steps(ours, RATES)
    weights = make_weights()
    theirs = torch.optim.AdamW(weights, weight_decay=0.3)
    for rate in RATES:
        for weight in weights:
            weight.grad = 3 * weight.detach() ** 2
        theirs.param_groups[0]["lr"] = rate
        theirs.step()
    assert all(map(torch.equal, ours.weights, weights))


@pytest.mark.parametrize("steps", [0, 2])
def test_it_goes_on_from_its_state(steps: int) -> None:
    whole = AdamW(make_weights(), weight_decay=0.3)
    take_steps(whole, RATES)
    stopped, other = (AdamW(make_weights(), weight_decay=0.3) for _ in range(2))
    take_steps(stopped, RATES[:steps])
    take_steps(other, RATES[:1])
    other.restore(stopped.state())
    for weight, kept in zip(other.weights, stopped.weights, strict=True):
        weight.data.copy_(kept)
    take_steps(other, RATES[steps:])
    assert all(map(torch.equal, whole.weights, other.weights))


def test_it_does_without_the_compiler_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)
    take_steps(AdamW(make_weights(), weight_decay=0.3), RATES)
