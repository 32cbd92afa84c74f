"""Adam with decoupled weight decay, by the function in torch that `torch.optim.AdamW` calls, and its state.

The first object of that class imports the compiler of torch, which takes half as long as torch itself and 70 MB.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adamw import adamw

__all__ = ["MOMENTS", "AdamW"]

MOMENTS = ("exp_avg", "exp_avg_sq")
"""The moving averages of the gradient and of its square, by their names in a checkpoint."""


class AdamW:
    """Takes steps with the gradients of `weights`, which it changes in place."""

    def __init__(self, weights: Iterable[Tensor], *, weight_decay: float) -> None:
        self.weights: list[Tensor] = list(weights)
        self.weight_decay = weight_decay
        self._means, self._squares = ([torch.zeros_like(weight) for weight in self.weights] for _ in MOMENTS)
        self._steps = [torch.tensor(0.0) for _ in self.weights]

    def forget_gradients(self) -> None:
        """Let the next gradients begin with none."""
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take a step with the learning rate `rate`; every weight has a gradient."""
        gradients = [weight.grad for weight in self.weights if weight.grad is not None]
        adamw(
            self.weights,
            gradients,
            self._means,
            self._squares,
            [],
            self._steps,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=rate,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )

    def state(self) -> dict[str, dict[str, Tensor]]:
        """All that resuming needs, by number of the weight; nothing before the first step."""
        if not any(self._steps):
            return {}
        moments = zip(self._means, self._squares, strict=True)
        return {
            str(number): {"step": step, **dict(zip(MOMENTS, pair, strict=True))}
            for number, (step, pair) in enumerate(zip(self._steps, moments, strict=True))
        }

    def restore(self, state: dict[str, dict[str, Tensor]]) -> None:
        """Return to `state`, which has the moments of each weight."""
        for own, name in zip((self._steps, self._means, self._squares), ("step", *MOMENTS), strict=True):
            for number, values in enumerate(own):
                values.copy_(state[str(number)][name]) if state else values.zero_()
