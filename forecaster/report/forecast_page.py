"""The report on a forecast, as one HTML page: what was forecast, how good that is, what to be careful with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from forecaster.data.checks.findings import Finding
from forecaster.evaluation.backtest import MODEL_NAME, find_best_baseline
from forecaster.evaluation.baselines import INCREMENTS_NAME, ZERO_NAME
from forecaster.evaluation.worth import Worth
from forecaster.inspection.explanation import ColumnEffects
from forecaster.library.checking import list_facts
from forecaster.library.forecast_remarks import describe_forecast
from forecaster.library.inputs import Given
from forecaster.library.pictures import Pictures
from forecaster.library.remarks import describe_harm
from forecaster.library.wording import count_things
from forecaster.report.numbers import round_score, round_share
from forecaster.report.packing import list_heads, pack_series
from forecaster.report.scores import METRICS, describe_verdict
from forecaster.report.shell import make_page, make_rows, make_table, write_text
from forecaster.report.wording import describe_backtest, name_levels, name_unit
from forecaster.report.worth import tabulate_worth

__all__ = ["Making", "make_report"]

SENSES = (
    "These figures compare the last steps of each history with forecasts that were made from the steps before. MASE "
    "is the error divided by that of repeating the last season, so below 1 is better than that; WQL scores the whole "
    "distribution; lower is better for all but the bias, which is above 0 where forecasts are too high. The simple "
    "forecasts repeat the last season (SeasonalNaive) or the last value (Naive), or draw its trend on (Drift)"
    "{or_others}."
)

OTHERS = {
    ZERO_NAME: f", or are all zero ({ZERO_NAME})",
    INCREMENTS_NAME: f", or add up what was added in the last season ({INCREMENTS_NAME})",
}


@dataclass(frozen=True)
class Making:
    """How the report came about: when, the `command` that makes it again if there is one, the model in words, settings.

    `findings` are those of `forecast check`; `effects` of covariates are by number of the series. `history` is how many
    steps of it to show; None for the usual ones.
    """

    when: str
    command: str
    model: str
    settings: Sequence[tuple[str, str]]
    findings: Sequence[Finding] = ()
    effects: Mapping[int, ColumnEffects] = field(default_factory=dict)
    history: int | None = None
    title: str | None = None
    unit: str | None = None


def make_report(pictures: Pictures, given: Given, *, making: Making) -> str:
    """The page. Raises ConfigurationError where Lets-Plot is not installed."""
    title = making.title or f"Forecast of {Path(given.name).name}"
    unit = name_unit(given) if making.unit is None else making.unit
    data, thinned = pack_series(pictures, effects=making.effects, history=making.history, unit=unit)
    sections = [
        ("good", "How good it is", _judge(pictures)),
        ("careful", "What to be careful with", _warn(pictures, making=making, thinned=thinned)),
        ("series", "The series", _place_list(pictures, is_searched=len(given.panel) > 1)),
    ]
    worth = None if pictures.scores is None else pictures.scores.worth
    if worth is not None or making.effects:
        sections.append(("covariates", "What the covariates do", _describe_covariates(worth, making=making)))
    sections.append(("settings", "Settings, and how to repeat it", _list_settings(given, making=making)))
    links = "".join(f'<li><a href="#{name}">{write_text(heading)}</a></li>' for name, heading, _ in sections)
    parts = [
        f'<section id="{name}"><h2>{write_text(heading)}</h2>{content}</section>' for name, heading, content in sections
    ]
    body = (
        '<a class="skip" href="#series">To the series</a>'
        f"<header><h1>{write_text(title)}</h1>{_paragraphs(_introduce(pictures, given, making=making))}</header>"
        f'<nav aria-label="Parts of this report"><ul>{links}</ul></nav><main>{"".join(parts)}</main>'
        '<div id="preview" aria-hidden="true" hidden></div>'
    )
    return make_page(title=title, body=body, charts=[], data=data)


def _introduce(pictures: Pictures, given: Given, *, making: Making) -> list[str]:
    steps, span = count_things(pictures.horizon, "step"), pictures.span
    levels = name_levels(pictures)
    of = f"{len(pictures.windows):,} of {len(given.panel):,} series, {given.panel.calendar.name}"
    when = f", {span[0]} to {span[1]}" if span else ""
    lines = [
        f"{of}, {steps} ahead{when}{f', with intervals of {levels}' if levels else ''}.",
        f"Made {making.when} with {making.model}.",
    ]
    if pictures.zone is not None:
        lines.append(f"The axes of the charts have times in {pictures.zone}.")
    return lines


def _judge(pictures: Pictures) -> str:
    """The scores beside those of the simple forecasts, and the coverage that was promised and measured."""
    if pictures.scores is None:
        return _paragraphs(describe_backtest(pictures))
    found = pictures.scores.backtest
    scores = {name: model.as_card() for name, model in found.scores.items()}
    cutoffs = int(found.index.cutoff_index.max()) + 1
    windows = f"{count_things(len(found.index), 'window')} at {count_things(cutoffs, 'cutoff')}"
    rows: list[tuple[str, ...]] = [("", *METRICS)]
    rows += [(name, *(round_score(key, of.overall[key]) for key in METRICS)) for name, of in scores.items()]
    caption = f"Errors of forecasts of {windows}, {found.y_true.shape[1]} steps each"
    rival, _ = find_best_baseline(scores)
    shares: list[tuple[str, ...]] = [("Interval", "promised", "measured", f"measured of {rival}")]
    for level in reversed(pictures.levels):
        measured = [scores[name].coverage.get(f"{float(level) / 100:g}") for name in (MODEL_NAME, rival)]
        shares.append((f"{level}%", f"{level}%", *map(round_share, measured)))
    parts = [
        _paragraphs([describe_verdict(scores), *describe_backtest(pictures)]),
        make_table(rows, caption=caption, own=MODEL_NAME),
        _paragraphs([SENSES.format(or_others="".join(words for name, words in OTHERS.items() if name in scores))]),
    ]
    if pictures.levels:
        parts.append(make_table(shares, caption="How many of these values lay in the intervals"))
    return "".join(parts)


def _warn(pictures: Pictures, *, making: Making, thinned: int) -> str:
    remarks = describe_forecast(pictures.panel, pictures.forecast, columns=pictures.columns)
    if thinned > 1:
        remarks.append(
            f"Long histories are drawn with 1 of {thinned} steps, the lowest and the highest of neighbours; "
            "--history shows less, with all steps."
        )
    content = "".join(f"<li>{write_text(remark)}</li>" for remark in remarks)
    content = f"<ul>{content}</ul>" if content else ""
    if not making.findings:
        return content + _paragraphs(["forecast check finds nothing in the data that needs attention."])
    rows = [("Code", "What", "Count", "Examples", "What to do")]
    for finding in making.findings:
        what = finding.as_plain()["what"]
        rows.append((finding.code, what, f"{finding.count:,}", "; ".join(finding.examples), finding.action))
    return content + make_table(rows, caption="What forecast check finds in the data", texts=(0, 1, 3, 4))


def _place_list(pictures: Pictures, *, is_searched: bool) -> str:
    """The list of series, which `series.js` fills in."""
    heads = "".join(
        f'<th scope="col" aria-sort="none" class="{kind}"><button type="button">{write_text(name)}</button></th>'
        for name, kind in list_heads(pictures)
    )
    hint = "A name opens the chart of the series; its values are under the pointer, and in a table below it."
    # a single series needs no search
    controls = (
        f'<p class="controls"{"" if is_searched else " hidden"}><label for="search">Search</label>'
        '<input type="search" id="search" autocomplete="off"><span id="count" role="status"></span></p>'
    )
    table = f'<table id="list"><thead><tr>{heads}</tr></thead><tbody></tbody></table>'
    more = '<p><button type="button" id="more" hidden></button></p>'
    return f'{_paragraphs([hint])}{controls}<div class="wide">{table}</div>{more}'


def _describe_covariates(worth: Worth | None, *, making: Making) -> str:
    parts = []
    if worth is not None:
        rows = tabulate_worth(worth, heading="Forecasts with")
        parts.append(make_table(rows, caption="What the covariates are worth, on the windows of the backtest"))
        sampled = [f"All of these are measured {worth.sample}."] if worth.sample else []
        parts.append(_paragraphs(sampled + describe_harm(worth)))
    if making.effects:
        shown = f"{len(making.effects):,} series"
        parts.append(_paragraphs([f"What each column adds to each step of the forecast is with the chart of {shown}."]))
    return "".join(parts)


def _list_settings(given: Given, *, making: Making) -> str:
    facts = [(name, value) for name, value in list_facts(given) if name not in ("predict", "train")]
    rows = make_rows([("data", given.name), *making.settings, *facts])
    if not making.command:
        return rows
    return f"{rows}<p>To make it again, from the same data:</p><code>{write_text(making.command)}</code>"


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f"<p>{write_text(line)}</p>" for line in lines)
