"""Show how good the forecasts of past runs were: tables for people, metrics for Prometheus."""

from collections.abc import Mapping

from forecaster.library.wording import count_things
from forecaster.nightly.monitoring import BASELINE, AgeScores, Monitoring
from forecaster.report.console import Reporter
from forecaster.report.numbers import round_score, round_share

__all__ = ["describe_metrics", "show_monitoring"]

METRICS = ("MASE", "WQL", "bias")
VERDICTS = ("fine", "watch", "retrain")
SHOWN = "0.8"


def show_monitoring(found: Monitoring, *, seconds: float, reporter: Reporter) -> None:
    """Tables of scores by age of the forecast and of the worst series, and the verdict with its reasons."""
    if found.values and not reporter.quiet:
        from rich.table import Table  # noqa: PLC0415 - not every run shows a table

        have = "has" if found.values == 1 else "have"
        scored = f"{count_things(found.values, 'value')} that {have} come since"
        table = Table(title=f"Forecasts of {count_things(found.runs, 'run')}, {scored}")
        table.add_column("steps ahead")
        for name in ("values", *METRICS, "in 80%", f"{BASELINE} MASE"):
            table.add_column(name, justify="right")
        rows = [(_name(age), age.values, age.overall, age.coverage, age.baseline) for age in found.ages]
        rows.append(("all", found.values, found.overall, found.coverage.get(SHOWN), found.baseline))
        for label, values, scores, inside, naive in rows:
            table.add_row(
                label, f"{values:,}", *_round(scores), round_share(inside), round_score("MASE", naive.get("MASE"))
            )
        promised, inside = found.promise.overall, found.promise.coverage.get(SHOWN)
        if promised:
            mase, wql, _ = _round(promised)
            table.add_row("promised", "", mase, wql, "", round_share(inside), "")
        reporter.show_table(table)
        worst = Table(title="Series with the largest errors")
        worst.add_column("series")
        for name in ("values", *METRICS, "in 80%"):
            worst.add_column(name, justify="right")
        for one in found.worst[:5]:
            worst.add_row(one.series, f"{one.values:,}", *_round(one.overall), round_share(one.coverage))
        if len(found.worst) > 1:
            reporter.show_table(worst)
    for line in found.left_out:
        reporter.say(f"  {line}")
    reporter.say(f"{found.verdict}: {'; '.join(found.reasons)} ({seconds:.1f} s).")


def describe_metrics(found: Monitoring) -> str:
    """The scores in the text format of Prometheus."""
    lines = []

    def add(name: str, help_text: str, samples: Mapping[str, float | None]) -> None:
        known = {labels: value for labels, value in samples.items() if value is not None}
        if known:
            lines.append(f"# HELP forecast_{name} {help_text}")
            lines.append(f"# TYPE forecast_{name} gauge")
            lines.extend(f"forecast_{name}{labels} {value:.6g}" for labels, value in known.items())

    add("runs_scored", "Runs whose forecasts could be scored.", {"": found.runs})
    add("values_scored", "Values that have come since they were forecast.", {"": found.values})
    add("verdict", "0 fine, 1 watch, 2 retrain.", {"": VERDICTS.index(found.verdict)})
    for metric in METRICS:
        samples = {
            '{model="forecast"}': found.overall.get(metric),
            f'{{model="{BASELINE}"}}': found.baseline.get(metric),
            '{model="promised"}': found.promise.overall.get(metric),
        }
        add(metric.lower(), f"{metric} of the forecasts of past runs.", samples)
    coverage = {f'{{level="{float(level):g}"}}': share for level, share in found.coverage.items()}
    add("coverage", "Share of the values within the interval of this level.", coverage)
    return "\n".join(lines) + "\n"


def _name(age: AgeScores) -> str:
    return f"{age.first}" if age.first == age.last else f"{age.first} to {age.last}"


def _round(scores: Mapping[str, float | None]) -> list[str]:
    return [round_score(metric, scores.get(metric)) for metric in METRICS]
