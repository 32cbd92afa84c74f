"""Adam with decoupled weight decay: `torch.optim.AdamW`, to the last bit, without importing the compiler of torch.

The first optimizer of torch imports it, which takes half as long as torch itself, a second or more.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

__all__ = ["MOMENTS", "AdamW"]

MEAN_DECAY, SQUARE_DECAY, SMALLEST_DIVISOR = 0.9, 0.999, 1e-8
MOMENTS = ("exp_avg", "exp_avg_sq")
"""The moving averages of the gradient and of its square, by their names in a checkpoint."""


class AdamW:
    """Takes steps with the gradients of `weights`, which it changes in place."""

    def __init__(self, weights: Iterable[Tensor], *, weight_decay: float) -> None:
        self.weights: list[Tensor] = list(weights)
        self.weight_decay, self.step_number = weight_decay, 0
        self._means, self._squares = ([torch.zeros_like(weight) for weight in self.weights] for _ in MOMENTS)

    def forget_gradients(self) -> None:
        """Let the next gradients begin with none."""
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take a step with the learning rate `rate`; every weight has a gradient."""
        self.step_number += 1
        gradients = [weight.grad for weight in self.weights if weight.grad is not None]
        # all weights at once: on CUDA each call takes as long as its work
        torch._foreach_mul_(self.weights, 1 - rate * self.weight_decay)
        torch._foreach_lerp_(self._means, gradients, 1 - MEAN_DECAY)
        torch._foreach_mul_(self._squares, SQUARE_DECAY)
        torch._foreach_addcmul_(self._squares, gradients, gradients, 1 - SQUARE_DECAY)
        divisors = torch._foreach_sqrt(self._squares)
        torch._foreach_div_(divisors, (1 - SQUARE_DECAY**self.step_number) ** 0.5)
        torch._foreach_add_(divisors, SMALLEST_DIVISOR)
        torch._foreach_addcdiv_(self.weights, self._means, divisors, -rate / (1 - MEAN_DECAY**self.step_number))

    def state(self) -> dict[str, dict[str, Tensor]]:
        """All that resuming needs, by number of the weight; nothing before the first step."""
        if not self.step_number:
            return {}
        moments = zip(self._means, self._squares, strict=True)
        return {
            str(number): {"step": torch.tensor(float(self.step_number)), **dict(zip(MOMENTS, pair, strict=True))}
            for number, pair in enumerate(moments)
        }

    def restore(self, state: dict[str, dict[str, Tensor]]) -> None:
        """Return to `state`, which has the moments of each weight."""
        for own, name in zip((self._means, self._squares), MOMENTS, strict=True):
            for number, moment in enumerate(own):
                moment.copy_(state[str(number)][name]) if state else moment.zero_()
        self.step_number = int(state["0"]["step"]) if state else 0
