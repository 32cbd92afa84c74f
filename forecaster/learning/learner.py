"""One step of learning after the other: gradients clipped, weights averaged."""

import torch
from torch import Tensor, nn

from forecaster.learning.batches import Batch
from forecaster.learning.loss import pinball_loss
from forecaster.settings import QUANTILE_LEVELS

__all__ = ["Learner", "Weights", "copy_weights"]

Weights = dict[str, Tensor]


class Learner:
    """A network with its optimizer, and `average`, the moving average of its weights that is what is kept."""

    def __init__(
        self,
        network: nn.Module,
        *,
        weight_decay: float,
        gradient_norm: float,
        average_decay: float,
        error_clip: float,
    ) -> None:
        self.network, self.gradient_norm, self.average_decay = network, gradient_norm, average_decay
        self.error_clip, self.levels = error_clip, torch.tensor(QUANTILE_LEVELS)
        self.optimizer = torch.optim.AdamW(network.parameters(), weight_decay=weight_decay)
        self.average = copy_weights(network)
        self.step = 0

    def learn(self, batch: Batch, *, rate: float) -> tuple[float, Tensor]:
        """Take one step of size `rate`; the loss, and that of each window [batch].

        Where the loss or the gradient is not finite no step is taken, and the loss that is given is NaN.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        losses = self._losses(self.network(batch.inputs, batch.bases), batch)
        loss = (losses * batch.weights).sum() / batch.weights.sum()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.gradient_norm)
        if not (loss + norm).isfinite():
            return float("nan"), losses.detach()
        self.optimizer.step()
        self.step += 1
        # a short average first, so that the start is soon forgotten
        decay = min(self.average_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, weight in self.network.state_dict().items():
                self.average[name].lerp_(weight, 1 - decay)
        return loss.item(), losses.detach()

    def score(self, batch: Batch) -> Tensor:
        """The loss of each window under the averaged weights, [batch]."""
        self.network.eval()
        with torch.no_grad():
            quantiles = torch.func.functional_call(self.network, self.average, (batch.inputs, batch.bases))
            return self._losses(quantiles, batch)

    def state(self) -> dict[str, Weights]:
        """Named groups of tensors, all that going on needs."""
        optimizer = {
            f"{number}/{name}": value
            for number, values in self.optimizer.state_dict()["state"].items()
            for name, value in values.items()
        }
        return {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": optimizer,
            "random": {"torch": torch.get_rng_state()},
        }

    def restore(self, groups: dict[str, Weights], *, step: int) -> None:
        """Go back to where `state` was taken, after `step` steps."""
        self.step = step
        self.network.load_state_dict(groups["network"])
        self.average = groups["average"]
        optimizer: dict[int, Weights] = {}
        for key, value in groups.get("optimizer", {}).items():
            number, name = key.split("/")
            optimizer.setdefault(int(number), {})[name] = value
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": optimizer})
        torch.set_rng_state(groups["random"]["torch"])

    def _losses(self, quantiles: Tensor, batch: Batch) -> Tensor:
        return pinball_loss(quantiles, batch.y_true, levels=self.levels, clip=self.error_clip)


def copy_weights(network: nn.Module) -> Weights:
    """The weights as they are now, apart from the network."""
    return {name: weight.detach().clone() for name, weight in network.state_dict().items()}
