"""Decide whether a nightly run trains, and train, resuming what was stopped."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from forecaster.errors import ConfigurationError, DataError, NotFoundError
from forecaster.learning.plan import RunControl, TrainingPlan
from forecaster.learning.stopping import Watch, watch_steps
from forecaster.library.functions import learn
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.library.opening import find_model, open_base_model
from forecaster.library.remarks import describe_correction, describe_shared_year
from forecaster.machine import keep_freed_memory
from forecaster.model.base import BASE_FOLDER, names_base
from forecaster.model.card import describe_card
from forecaster.model.folder import CARD_FILE, CHECKPOINT_FILE
from forecaster.model.versions import BASE_CARD, compose_card
from forecaster.nightly.events import EventLog
from forecaster.nightly.monitoring import Monitoring
from forecaster.nightly.plan import NightPlan

if TYPE_CHECKING:
    from forecaster.learning.loop import Progress

__all__ = ["Decision", "NoWatch", "decide", "identify_new", "may_train", "open_current", "train_model"]


CLOCKS_DIFFER = 3600.0
"""Seconds by which the clocks of two machines that share a disk may differ."""
GOES_ON = "The next run continues it if the data are still the same, and else trains from the start."


class NoWatch:
    """Notes no signal."""

    def read(self) -> int | None:
        """None."""
        return None


@dataclass(frozen=True)
class Decision:
    """Whether to train, and why or why not, in a few words; how old the model is, None where there is none."""

    trains: bool
    reason: str
    age_seconds: float | None = None


def open_current(plan: NightPlan) -> tuple[Model, str]:
    """The trained model in the folder of the plan, or the base model where there is none yet; and its id.

    Another training may replace the model at any moment: both are of the same one.
    """
    while True:
        before = _read_card(plan)
        has_model = before is not None or names_base(plan.model)
        model = find_model(plan.model) if has_model else open_base_model()
        if before == _read_card(plan):
            own = (BASE_FOLDER / BASE_CARD).read_bytes() if model.is_base or before is None else before
            return model, _shorten(own)


def _read_card(plan: NightPlan) -> bytes | None:
    """The card of the model in its folder; None where there is none, empty where it cannot be read."""
    path = plan.model / CARD_FILE
    with suppress(OSError):
        return path.read_bytes()
    return b"" if path.exists() else None


def identify_new(model: Model) -> str:
    """The id that a model has once it is in its folder: the first digits of the checksum of its card.

    The card has the checksums of all other files.
    """
    card = describe_card(model.trained_card)
    return _shorten(compose_card(card, network=model.network, weights=model.load_weights()))


def _shorten(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def may_train(plan: NightPlan) -> bool:
    """Whether any state of the data and of the model would make a run train."""
    return plan.retraining.train != "never" and not names_base(plan.model)


def decide(model: Model, *, plan: NightPlan, monitoring: Monitoring, now: datetime) -> Decision:
    """Whether to train by the rules of the plan; the age of a model is that of its card on disk."""
    rules = plan.retraining
    age = None if model.is_base else now.timestamp() - (plan.model / CARD_FILE).stat().st_mtime
    if rules.train == "never":
        return Decision(False, "--train never", age)
    if names_base(plan.model):
        return Decision(False, "--model base", age)
    if age is None:
        return Decision(True, "there is no trained model")
    if age < -CLOCKS_DIFFER:
        return Decision(True, "the model is from the future by this clock, so its age is not known", age)
    if age > rules.after_seconds:
        return Decision(True, f"the model is older than {rules.after}", age)
    young = f"the model is not older than {rules.after}"
    if monitoring.verdict != "retrain":
        return Decision(False, young, age)
    if not rules.on_drift:
        return Decision(False, f"{young}, and without --retrain-on-drift it stays where monitoring says retrain", age)
    return Decision(True, f"monitoring says retrain: {'; '.join(monitoring.reasons)}", age)


def train_model(
    given: Given, *, plan: NightPlan, current: Model, log: EventLog, watch: Callable[[], AbstractContextManager[Watch]]
) -> Model:
    """Train on the data, and write nothing; the current model where there is too little to learn from.

    The caller must hold the model folder. A training that was stopped is continued where the data and the options are
    the same. Raises InterruptedRunError where a signal stops it, with its work saved.
    """
    reading = plan.reading if current.is_base else plan.reading.over(current.trained_card.source.read_options)
    settings = replace(TrainingPlan().settings, seed=plan.seed, budget_seconds=plan.budget_seconds)
    rules = plan.retraining
    training = TrainingPlan(
        plan.horizon,
        plan.seasons,
        settings=settings,
        finds_shared_year=not rules.no_shared_year,
        corrects_errors=not rules.no_correction,
    )
    checkpoint = plan.model / CHECKPOINT_FILE
    keep_freed_memory()
    with watch_steps(watch) as stop_signal:

        def attempt(*, resumes: bool) -> Model:
            control: RunControl[Progress] = RunControl(
                checkpoint, resumes, stop_signal=stop_signal, advice=GOES_ON, keeps_finished=True
            )
            return learn(given, plan=training, reading=reading, control=control)

        try:
            trained = None
            if checkpoint.exists():
                try:
                    trained = attempt(resumes=True)
                    log.add("training_resumed", "the training that was stopped was continued")
                except (ConfigurationError, NotFoundError) as error:
                    log.add("training_restarted", f"the stopped training is of other data or options: {error}")
            trained = attempt(resumes=False) if trained is None else trained
        except DataError as error:
            log.add("training_skipped", f"nothing was learned: {error}", level="warning")
            return current
    for line in describe_shared_year(trained.trained_card.shared_year):
        log.add("shared_year", line)
    for line in describe_correction(trained.trained_card):
        log.add("correction", line)
    return trained
