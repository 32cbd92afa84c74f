"""The model of one night: chosen, trained where that is due, and put in place once the gates have passed."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import replace
from datetime import datetime

from forecaster.data.read_options import ReadOptions
from forecaster.learning.stopping import Watch
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.model.folder import CHECKPOINT_FILE
from forecaster.model.lock import hold_folder
from forecaster.nightly.events import EventLog
from forecaster.nightly.monitoring import Monitoring
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import ModelRecord
from forecaster.nightly.training import decide, identify_new, train_model

__all__ = ["ModelChoice"]


class ModelChoice(ExitStack):
    """Holds the model folder from a training on until it is closed, so that no other process replaces the model.

    `record` is what the record of the run says, None before a model was chosen.
    """

    def __init__(self, plan: NightPlan, *, log: EventLog, now: datetime) -> None:
        super().__init__()
        self._plan, self._log, self._now = plan, log, now
        self._trained: Model | None = None
        self.record: ModelRecord | None = None

    def choose(
        self,
        given: Given,
        reading: ReadOptions,
        *,
        current: tuple[Model, str],
        monitoring: Monitoring,
        watch: Callable[[], AbstractContextManager[Watch]],
        stage: AbstractContextManager[None],
    ) -> Model:
        """The `current` model, or one that is trained now, in memory alone; `stage` is entered for the training.

        `current` is from `open_current`.
        `reading` is how `given` was read, which a new model remembers.

        Raises what `train_model` raises, and BusyError where another training uses the folder.
        """
        plan, (before, before_id) = self._plan, current
        model, decision = before, decide(before, plan=plan, monitoring=monitoring, now=self._now)
        if decision.trains:
            self._log.add("training_started", f"training, as {decision.reason}")
            self.enter_context(hold_folder(plan.model))
            with stage:
                model = train_model(
                    given, plan=replace(plan, reading=reading), current=before, log=self._log, watch=watch
                )
        was_trained = model is not before
        self._trained = model if was_trained else None
        self.record = ModelRecord(
            "base" if model.is_base else "trained",
            identify_new(model) if was_trained else before_id,
            None if model.is_base or was_trained else str(plan.model),
            was_trained,
            decision.reason,
            0.0 if was_trained else decision.age_seconds,
            False if was_trained else None,
        )
        kind = "the base model" if model.is_base else f"the model in {plan.model}"
        words = "a model trained in this run" if was_trained else f"{kind} ({decision.reason})"
        self._log.add("model_chosen", words, model=self.record.id, trained=was_trained)
        return model

    def keep(self) -> None:
        """Put a model that was trained in place of the one of before, which stays where this raises an error."""
        if self._trained is None or self.record is None:
            return
        self._trained.write_into(self._plan.model)
        self._trained = None
        self.record = replace(self.record, folder=str(self._plan.model), was_kept=True)
        self._log.add("model_kept", f"the trained model is in {self._plan.model}", model=self.record.id)
        self._forget_checkpoint()

    def drop(self, *, is_rejected: bool) -> None:
        """Say that a model that was trained is not kept; where the run was not rejected, the next one may resume it."""
        if self._trained is None:
            return
        if is_rejected:
            self._forget_checkpoint()
        self._trained = None
        self._log.add("model_not_kept", "the model that was trained in this run is not kept", level="warning")

    def _forget_checkpoint(self) -> None:
        with suppress(OSError):  # the next training overwrites it
            (self._plan.model / CHECKPOINT_FILE).unlink(missing_ok=True)
