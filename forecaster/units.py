"""Parse durations and shares as people write them, such as 36h and 1%."""

import re

from forecaster.errors import UsageError

__all__ = ["parse_duration", "parse_share"]

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "": 1}


def parse_duration(text: str, *, flag: str) -> float:
    """Seconds in '60s', '5m', '36h', '7d', '2w' or a plain number. Raises UsageError, naming `flag`, otherwise."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"{flag} {text}: not a time. Write it as 60s, 5m, 1h or 7d.")
    return float(match[1]) * SECONDS[match[2]]


def parse_share(text: str, *, flag: str, most: float = 1.0) -> float:
    """The fraction in '1%' or '0.01', from 0 to `most`. Raises UsageError, naming `flag`, for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
    share = float(match[1]) / (100 if match[2] else 1) if match is not None else -1.0
    if not 0 <= share <= most:
        limit = f"up to {100 * most:g}%" if most < 100 else "not below 0"
        raise UsageError(f"{flag} {text}: not a share. Write it as 1% or 0.01, {limit}.")
    return share
