"""Plan of a training, the source of its data, and how the run is monitored, stopped and resumed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from forecaster.data.read_options import ReadOptions
from forecaster.errors import InterruptedRunError, UsageError
from forecaster.limits import check_fields, check_seasons, check_steps
from forecaster.model.card_checks import check_shape
from forecaster.settings import FINE_TUNING, FINE_TUNING_SHAPE, NetworkShape, TrainingSettings

__all__ = ["DataSource", "RunControl", "TrainingPlan"]

State = TypeVar("State")


@dataclass(frozen=True)
class TrainingPlan:
    """What the user requests; the defaults are those of `forecast train`.

    horizon         steps to forecast; None for one main season
    seasons         the main and the secondary season, in steps; empty to take them from the calendar
    context_length  steps that the network looks back on; None chooses by the season
    from_base       start from the base model, which must be of `shape`; else from random weights
    keeps_covariates  learn with columns without which the base model forecasts better, too
    finds_shared_year  look for what all series do at the same time of each year, see `find_shared_year`
    corrects_errors  learn to foresee the errors that the network makes, see `correct_errors`
    """

    horizon: int | None = None
    seasons: tuple[int, ...] = ()
    context_length: int | None = None
    shape: NetworkShape = FINE_TUNING_SHAPE
    settings: TrainingSettings = FINE_TUNING
    from_base: bool = True
    keeps_covariates: bool = False
    finds_shared_year: bool = True
    corrects_errors: bool = True

    def __post_init__(self) -> None:
        check_steps("horizon", self.horizon)
        check_steps("context_length", self.context_length)
        check_seasons(self.seasons)
        for options in (self, self.shape, self.settings):
            check_fields(options)
        try:
            check_shape(self.shape)
        except ValueError as error:
            raise UsageError(f"shape: {error}.") from None


@dataclass(frozen=True)
class DataSource:
    """Where the series were read from, and how; saved in the model, to read the same input again.

    `names` are those of files, folders and globs; `-` for stdin, none for a frame.
    """

    names: tuple[str, ...]
    read_options: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class RunControl(Generic[State]):
    """How a run is monitored, stopped and resumed.

    checkpoint   file that a stopped run is saved in; None saves nothing
    resume       continue the run that was saved in `checkpoint`
    on_progress  called after each step with the progress of the run
    stop_signal  called before each step; returns the number of the signal that stops the run, or None
    advice       how to continue a run that was stopped, a sentence for people
    keeps_finished  save a run that has taken all of its steps, too, for a caller that may be stopped before it is done

    A run that is stopped raises InterruptedRunError, which is no Exception, as KeyboardInterrupt is none.
    """

    checkpoint: Path | str | None = None
    resume: bool = False
    on_progress: Callable[[State], None] = lambda _: None
    stop_signal: Callable[[], int | None] = lambda: None
    advice: str = "Continue with the same command and --resume."
    keeps_finished: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        if self.resume and self.checkpoint is None:
            raise UsageError("There is nothing to resume without a checkpoint: name the file of the stopped run.")

    @property
    def path(self) -> Path | None:
        """The file of the checkpoint, None where nothing is saved."""
        return None if self.checkpoint is None else Path(self.checkpoint)

    def explain_stop(self, step: str, *, signal_number: int) -> InterruptedRunError:
        """The error to raise where a signal stopped the run at `step` and its work is saved."""
        saved = (
            f"the work is saved in {self.checkpoint}. {self.advice}"
            if self.checkpoint
            else "nothing is saved, as no checkpoint was named."
        )
        return InterruptedRunError(f"Stopped at step {step}; {saved}", signal_number=signal_number)
