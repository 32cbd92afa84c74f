"""Scores and shares as they are shown to people, with a dash where there is none."""

__all__ = ["round_score", "round_share"]


def round_score(metric: str, value: float | None) -> str:
    """A score as it is shown; a dash where it is not defined."""
    if value is None:
        return "–"
    if metric == "sMAPE":
        return f"{value:.1f}%"
    return f"{value:+z.1%}" if metric == "bias" else f"{value:.3f}"


def round_share(share: float | None) -> str:
    """A share in whole per cent; a dash where it is not known."""
    return "–" if share is None else f"{share:.0%}"
