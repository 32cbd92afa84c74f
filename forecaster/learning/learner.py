"""Training steps: loss, clipped gradients, optimizer, and a moving average of the weights."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from forecaster.errors import ConfigurationError, UsageError
from forecaster.learning.batches import Batch
from forecaster.learning.checkpoint import check_weights
from forecaster.learning.loss import pinball_loss
from forecaster.learning.optimizer import MOMENTS, AdamW
from forecaster.settings import QUANTILE_LEVELS, PretrainingSettings, TrainingSettings

__all__ = ["DEVICES", "Learner", "LearnerState", "TensorWeights", "choose_device", "copy_weights"]

TensorWeights = dict[str, Tensor]
"""Tensors by name, on the CPU whatever the training device. Outside of training, weights are NumPy `Weights`."""

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class LearnerState:
    """State of a Learner after `step` steps: `optimizer` by number of the weight, `random` of the generator."""

    step: int
    network: TensorWeights
    average: TensorWeights
    optimizer: dict[str, TensorWeights]
    random: Tensor


class Learner:
    """A network with its optimizer; the result is `average`, the moving average of its weights."""

    def __init__(self, network: nn.Module, *, settings: TrainingSettings | PretrainingSettings) -> None:
        self.device = choose_device(settings.device)
        network.to(self.device)
        self.network, self.settings = network, settings
        self.levels = torch.tensor(QUANTILE_LEVELS, device=self.device)
        self.optimizer = AdamW(network.parameters(), weight_decay=settings.weight_decay)
        self._average = {name: weight.detach().clone() for name, weight in network.state_dict().items()}
        self.step = 0

    @property
    def average(self) -> TensorWeights:
        """The current moving average of the weights; the next step changes it."""
        return {name: weight.cpu() for name, weight in self._average.items()}

    def learn(self, batch: Batch, *, rate: float) -> tuple[float, Tensor]:
        """Take one step with learning rate `rate`; returns the loss, and that of each window [batch].

        Where the loss or the gradient is not finite, no step is taken and the returned loss is NaN.
        """
        self.network.train()
        batch = self._move(batch)
        losses = self._losses(self.network(batch.inputs, batch.candidates), batch)
        loss = (losses * batch.weights).sum() / batch.weights.sum()
        self.optimizer.forget_gradients()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_norm)
        if not (loss + norm).isfinite():
            return float("nan"), losses.detach().cpu()
        self.optimizer.step(rate)
        self.step += 1
        # a smaller decay first, so that the initial weights are soon forgotten
        decay = min(self.settings.average_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, weight in self.network.state_dict().items():
                self._average[name].lerp_(weight, 1 - decay)
        return loss.item(), losses.detach().cpu()

    def score(self, batch: Batch, *, weights: TensorWeights) -> Tensor:
        """The loss of each window with `weights`, [batch]."""
        self.network.eval()
        batch = self._move(batch)
        here = {name: weight.to(self.device) for name, weight in weights.items()}
        with torch.no_grad():
            quantiles = torch.func.functional_call(self.network, here, (batch.inputs, batch.candidates))
            return self._losses(quantiles, batch).cpu()

    def state(self) -> LearnerState:
        """All that resuming needs."""
        return LearnerState(
            self.step, self.network.state_dict(), self.average, self.optimizer.state(), self._random_state()
        )

    def restore(self, state: LearnerState) -> None:
        """Return to `state`. Raises ValueError or RuntimeError where it is not that of a Learner of this network."""
        own = self.network.state_dict()
        for weights in (state.network, state.average):
            check_weights(weights, expected=own)
        parameters = list(self.network.parameters())
        if state.optimizer.keys() != {str(number) for number in range(len(parameters) if state.step else 0)}:
            raise ValueError("the optimizer is of other weights")
        for number, values in state.optimizer.items():
            moment = parameters[int(number)].detach()
            check_weights(values, expected={"step": torch.tensor(0.0), **dict.fromkeys(MOMENTS, moment)})
        self.step = state.step
        self.network.load_state_dict(state.network)
        self._average = {name: weight.to(self.device) for name, weight in state.average.items()}
        self.optimizer.restore(state.optimizer)
        if len(state.random) != len(self._random_state()):
            return  # the run goes on on another kind of device, whose generator has no such state
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(state.random, self.device)
        else:
            torch.set_rng_state(state.random)

    def _random_state(self) -> Tensor:
        """State of the generator that dropout samples from; on CUDA it is that of the device."""
        return torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else torch.get_rng_state()

    def _move(self, batch: Batch) -> Batch:
        return Batch(*(tensor.to(self.device, non_blocking=True) for tensor in batch))

    def _losses(self, quantiles: Tensor, batch: Batch) -> Tensor:
        return pinball_loss(quantiles, batch.y_true, levels=self.levels, clip=self.settings.error_clip)


def choose_device(name: str) -> torch.device:
    """The device called `name`, one of DEVICES; `auto` is CUDA where available, else the CPU.

    Raises ConfigurationError where the device is not available, UsageError for another name.
    """
    if name not in DEVICES:
        raise UsageError(f"--device {name}: no such device. There are {', '.join(DEVICES)}.")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    is_available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not is_available[name]:
        raise ConfigurationError(f"--device {name}: torch does not find it. Leave the flag out to use what there is.")
    return torch.device(name)


def copy_weights(network: nn.Module) -> TensorWeights:
    """A copy of the current weights."""
    return {name: weight.detach().cpu().clone() for name, weight in network.state_dict().items()}
