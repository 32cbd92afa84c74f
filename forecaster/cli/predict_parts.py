"""`forecast predict --max-memory` and `--engine`: forecast in parts, and report what was written."""

from time import monotonic
from typing import Any

from forecaster.data.read_options import ReadOptions
from forecaster.library.model import Model
from forecaster.library.remarks import count_things
from forecaster.report.console import Reporter
from forecaster.scale.part_forecaster import Request
from forecaster.scale.written import PartsWritten

__all__ = ["predict_parts"]

NAMED = 3


def predict_parts(
    names: tuple[str, ...],
    output: str,
    *,
    engine: str | None,
    max_memory: int | None,
    model: Model,
    request: Request,
    reading: ReadOptions,
    until: str | None,
    reporter: Reporter,
    begun: float,
) -> dict[str, Any]:
    """Forecast and report; the summary is that for `--json`."""
    if engine == "ray":
        from forecaster.scale.on_ray import MEMORY, predict_on_ray

        predict: Any = predict_on_ray
        max_memory = max_memory or MEMORY
    else:
        from forecaster.scale.predicting import predict_in_parts

        predict = predict_in_parts
    written: PartsWritten = predict(
        names,
        output,
        max_memory=max_memory,
        model=model,
        request=request,
        reading=reading,
        until=until,
        on_remark=reporter.say,
    )
    seconds = monotonic() - begun
    for line in _describe(written):
        reporter.say(line)
    ahead = count_things(written.horizon, "step")
    parts = count_things(written.parts, "part")
    reporter.say(f"{written.series:,} series, {ahead} ahead, written to {output} in {parts} in {seconds:.1f} s.")
    factor = {"mean_factor": written.mean_factor} if request.style.has_mean else {}
    return {**written.as_plain(), **factor, "seconds": round(seconds, 3)}


def _describe(written: PartsWritten) -> list[str]:
    """Lines on the series that were treated in another way than most."""
    words = {
        "failed": "series without a value to forecast from",
        "behind": "series end before the others and are forecast for the same steps as they (or --origin own)",
        "ended": f"series ended more than {count_things(written.horizon, 'step')} before the others",
        "beyond": "series go on long after most others end, and are forecast from their own end (or --origin latest)",
    }
    lines = []
    if written.is_scattered:
        lines.append("The series end at different times; each is forecast from its own end (or --origin latest).")
    for kind, said in words.items():
        count, labels = written.kinds.get(kind, (0, []))
        if count:
            named = "; ".join(labels[:NAMED]) + (" …" if labels and count > NAMED else "")
            lines.append(f"{count:,} {said}{': ' if named else ''}{named}.")
    return lines
