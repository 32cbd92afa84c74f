"""Report scores: a table, and a sentence on how the model compares with the best baseline."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from forecaster.evaluation.backtest import MODEL_NAME, find_best_baseline, measure_skill
from forecaster.forecasting.calibration import min_residuals
from forecaster.library.model import Model
from forecaster.library.remarks import describe_correction, describe_harm, describe_shared_year, describe_sharing
from forecaster.library.scores import Scores, describe_windows
from forecaster.library.wording import count_things
from forecaster.model.card import ModelCard, ScoreCard
from forecaster.model.folder import CARD_FILE
from forecaster.report.console import Reporter
from forecaster.report.numbers import round_score, round_share
from forecaster.report.worth import show_worth
from forecaster.settings import DEFAULT_LEVELS

__all__ = ["METRICS", "describe_verdict", "show_backtest", "show_training", "summarise_training"]

METRICS = ("MASE", "RMSSE", "sMAPE", "WAPE", "WQL", "bias")
COVERED = {"in 80%": 0.8, "in 95%": 0.95}
"""The coverage that is shown, by its heading."""
LEAST = ("RMSSE", "sMAPE", "in 95%", "WAPE", "bias", "in 80%", "WQL", "MASE")
"""What is left out first where there is no room."""
ROOMY = 90
"""Columns of a terminal in which all scores have room, whatever the models are called."""


def show_training(model: Model, *, seconds: float, folder: Path, reporter: Reporter) -> None:
    """Print the scores on held-out windows, the verdict, and the model's folder."""
    card = model.trained_card
    for line in model.remarks:
        reporter.say(line)
    if model.worth is not None:
        title = "What the covariates are worth to the base model, on the held-out windows"
        show_worth(model.worth, title=title, reporter=reporter)
        for line in describe_harm(model.worth, left_out=model.left_out):
            reporter.say(line)
    for line in describe_sharing(model.sharing, unused_static=model.unused_static):
        reporter.say(line)
    for line in [*describe_shared_year(card.shared_year), *describe_correction(card)]:
        reporter.say(line)
    training, scores, calibration = card.training, card.scores, card.calibration
    windows = training.held_out_windows
    held_out = "the last window" if windows == 1 else f"the last {windows} windows"
    title = f"Scores on {held_out} of {card.horizon} steps, held out"
    _show_scores(scores, title=title, file=folder / CARD_FILE, reporter=reporter)
    reporter.say(describe_verdict(scores))
    if not all(model.is_calibrated for model in scores.values()):
        reporter.say(
            "Coverage in brackets is of intervals before calibration: there is no other cutoff to calibrate them by."
        )
    # of other intervals nobody asked
    default = [level / 100 for level in DEFAULT_LEVELS]
    uncalibrated = [level for level in (calibration.uncalibrated if calibration else []) if level in default]
    if calibration is not None and uncalibrated:
        levels = ", ".join(f"{100 * level:g}%" for level in uncalibrated)
        needed = max(min_residuals(level) for level in uncalibrated)
        reporter.say(
            f"Intervals of {levels} are the network's own: {min(calibration.residuals)} held-out errors are too few "
            f"to calibrate them ({needed} needed)."
        )
    compared = _compare_with_base(card)
    reporter.say(
        f"{compared}Trained in {seconds:.1f} s ({training.steps_taken} steps, "
        f"the best at {training.best_step}); the model is in {folder}/."
    )


def summarise_training(model: Model) -> dict[str, Any]:
    """What was learned, as JSON-compatible values."""
    card, worth = model.trained_card, model.worth
    summary = {
        "horizon": card.horizon,
        "steps": card.training.steps_taken,
        "scores": {name: scores.as_plain() for name, scores in card.scores.items()},
        "shared_year": None if card.shared_year is None else card.shared_year.as_plain(),
        "correction": None if card.correction is None else card.correction.as_plain(),
        "unread_windows": card.training.unread_windows,
        "kept": None if card.training.kept is None else asdict(card.training.kept),
    }
    if worth is not None:
        summary["covariates"] = {**worth.as_plain(), "left_out": [*model.left_out]}
    if model.sharing is not None:
        summary["shared_effects"] = model.sharing.as_plain()
    return summary


def _compare_with_base(card: ModelCard) -> str:
    """A sentence on how much of what was learned is kept, and why; empty if learning began from scratch."""
    kept = card.training.kept
    if kept is None:
        return ""
    parts = ["what all series do at the same time of each year"] if card.shared_year is not None else []
    parts += ["the correction above"] if card.correction is not None else []
    besides = f", with {' and '.join(parts)}" if parts else ""
    if kept.share == 0 and kept.gain <= 0:
        return f"Fine-tuning did not do better than the base model, so the base model was kept{besides}. "
    over = f"{count_things(kept.cutoffs, 'cutoff')} of {kept.series:,} series"
    gain = f"{kept.gain:.1%} ± {kept.error:.1%}"
    if kept.share == 0:
        return (
            f"Nothing that fine-tuning learned is kept: that its held-out error was {gain} lower, over {over}, could "
            f"be chance. So the base model was kept{besides}. "
        )
    return f"Kept {kept.share:.0%} of what fine-tuning learned: its held-out error is {gain} lower, over {over}. "


def show_backtest(evaluated: Scores, *, asked: int, output: Path, seconds: float, reporter: Reporter) -> None:
    """Print the table over all cutoffs, of which `asked` were requested, the verdict, and the files."""
    found = evaluated.backtest
    scores = {name: model.as_card() for name, model in found.scores.items()}
    windows = len(found.index)
    cutoffs = int(found.index.cutoff_index.max()) + 1
    counted = f"{count_things(windows, 'window')} at {count_things(cutoffs, 'cutoff')}"
    title = f"Backtest: {counted}, {found.y_true.shape[1]} steps each"
    _show_scores(scores, title=title, file=output, reporter=reporter)
    reporter.say(describe_verdict(scores))
    for line in _describe_mean(evaluated):
        reporter.say(line)
    if evaluated.worth is not None:
        title = f"What the covariates are worth, {evaluated.worth.sample or 'on the same windows'}"
        show_worth(evaluated.worth, title=title, reporter=reporter)
        for line in describe_harm(evaluated.worth):
            reporter.say(line)
    for line in describe_windows(evaluated, asked=asked):
        reporter.say(line)
    files = ", ".join(str(output.with_name(name)) for name in (output.name, "metrics.csv", "backtest.csv"))
    reporter.say(f"Scored in {seconds:.1f} s; written to {files}.")


def _describe_mean(evaluated: Scores) -> list[str]:
    """A sentence on how far totals of the mean are off, and those of the median; none where that is not defined."""
    mean = evaluated.mean
    bias, median_bias, error, median_error = (mean[key] for key in ("bias", "median_bias", "RMSE", "median_RMSE"))
    if bias is None or median_bias is None:
        return []
    return [
        f"Totals of the mean (predict --mean) are off by {bias:+.1%}, of the median by {median_bias:+.1%}; "
        f"RMSE {error:.4g} and {median_error:.4g}."
    ]


def _show_scores(scores: dict[str, ScoreCard], *, title: str, file: Path, reporter: Reporter) -> None:
    """A table of the `scores`, without those that a terminal has no room for, and a line that names their `file`.

    That by which the model is compared with the best baseline stays.
    """
    least = [name for name in LEAST if name != find_best_baseline(scores)[1]]
    make = partial(_score_table, scores, title=title, is_narrow=reporter.width < ROOMY)
    left_out = reporter.show_fitted(make, names=[*METRICS, *COVERED], least=least)
    if left_out:
        reporter.say(f"No room for {', '.join(left_out)}: see {file}.")


def _score_table(scores: dict[str, ScoreCard], names: Sequence[str], *, title: str, is_narrow: bool) -> Table:
    """The scores `names` of each model; headings of two words take two lines where the table `is_narrow`."""
    table = Table(title=title, title_justify="left")
    table.add_column("model", no_wrap=True)
    for name in names:
        heading = Text(name.replace(" ", "\n")) if is_narrow else name
        table.add_column(heading, justify="right", no_wrap=True)
    for name, model in scores.items():
        cells = {metric: round_score(metric, model.overall[metric]) for metric in METRICS}
        for heading, nominal in COVERED.items():
            share = model.coverage.get(f"{nominal:g}")
            cells[heading] = _describe_share(share, is_calibrated=model.is_calibrated)
        table.add_row(name, *(cells[shown] for shown in names), style="bold" if name == MODEL_NAME else None)
    return table


def _describe_share(share: float | None, *, is_calibrated: bool) -> str:
    shown = round_share(share)
    return shown if share is None or is_calibrated else f"({shown})"


def describe_verdict(scores: dict[str, ScoreCard]) -> str:
    """Whether the model beats the best baseline, and by how much; by which metric, where that is not the usual one."""
    verdict = _compare_with_best(scores)
    if not scores[MODEL_NAME].is_mostly_zero:
        return verdict
    return f"{verdict} Most values or forecasts are zero, where errors of the median say little: see WQL and bias."


def _compare_with_best(scores: dict[str, ScoreCard]) -> str:
    rival, metric = find_best_baseline(scores)
    skill = measure_skill(scores)
    if skill is None and scores[rival].overall[metric] == 0:
        return f"The best baseline, {rival}, makes no error at all: no model can do better."
    if skill is None:
        return f"No score is defined on these windows, so the model cannot be compared with {rival}."
    if skill > 0:
        return f"The model beats the best baseline, {rival}, by {skill:.1%} in {metric}."
    if skill == 0:
        return f"The model is as good as the best baseline, {rival}, in {metric}."
    return f"The model does not beat the best baseline: {rival} is better by {-skill / (1 - skill):.1%} in {metric}."
