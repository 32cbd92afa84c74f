"""What to learn, where the data came from, and how the run is controlled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from forecaster.data.read_options import ReadOptions
from forecaster.errors import InterruptedRunError, UsageError
from forecaster.settings import FINE_TUNING, FINE_TUNING_SHAPE, NetworkShape, TrainingSettings

__all__ = ["DataSource", "RunControl", "TrainingPlan"]

State = TypeVar("State")


@dataclass(frozen=True)
class TrainingPlan:
    """What the user asks for; the defaults are those of `forecast train`.

    horizon         steps to forecast; None for one main season
    seasons         the main season and a longer one, in steps; empty where the calendar tells
    context_length  steps that the network looks back on; None chooses by the season
    from_base       begin with the base model, which must be of `shape`; else with random weights
    """

    horizon: int | None = None
    seasons: tuple[int, ...] = ()
    context_length: int | None = None
    shape: NetworkShape = FINE_TUNING_SHAPE
    settings: TrainingSettings = FINE_TUNING
    from_base: bool = True


@dataclass(frozen=True)
class DataSource:
    """Where the series were read, and how; only noted in the model, for reading the same input again."""

    data: str
    read_options: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class RunControl(Generic[State]):
    """How a run is watched, stopped and resumed.

    checkpoint   file that a stopped run is saved in; None saves nothing
    resume       continue the run that was saved in `checkpoint`
    on_progress  is told after each step where the run is
    stop_signal  is asked before each step: the number of the signal that stops the run, or None
    """

    checkpoint: Path | None = None
    resume: bool = False
    on_progress: Callable[[State], None] = lambda _: None
    stop_signal: Callable[[], int | None] = lambda: None

    def __post_init__(self) -> None:
        if self.resume and self.checkpoint is None:
            raise UsageError("There is nothing to resume without a checkpoint: name the file of the stopped run.")

    def explain_stop(self, step: str, *, signal_number: int) -> InterruptedRunError:
        """The error to raise where a signal stopped the run at `step` and its work is saved."""
        saved = (
            f"the work is saved in {self.checkpoint}. Go on with the same command and --resume."
            if self.checkpoint
            else "nothing is saved, as no checkpoint was named."
        )
        return InterruptedRunError(f"Stopped at step {step}; {saved}", signal_number=signal_number)
