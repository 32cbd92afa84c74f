"""Parse durations, shares and sizes as people write them, such as 36h, 1% and 2GB."""

import math
import re

from forecaster.errors import UsageError

__all__ = ["parse_duration", "parse_share", "parse_size"]

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "": 1}
BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
BINARY = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def parse_duration(text: str, *, flag: str, needs_unit: bool = False) -> float:
    """Seconds in '60s', '5m', '36h', '7d', '2w' or a plain number, unless that `needs_unit`.

    Raises UsageError, naming `flag`, for anything else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"{flag} {text}: not a time. Write it as 60s, 5m, 1h or 7d.")
    if needs_unit and not match[2]:
        number = match[1]
        raise UsageError(f"{flag} {text}: a number without a unit. Write {number}m, {number}h, {number}d or {number}w.")
    return float(match[1]) * SECONDS[match[2]]


def parse_share(text: str, *, flag: str, least: float = 0.0, most: float = 1.0) -> float:
    """The fraction in '1%' or '0.01', from `least` to `most`; above 1 only with a sign, as 50 may be meant as 50%.

    Raises UsageError, naming `flag`, for anything else.
    """
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(%?)", text.strip())
    share = float(match[1]) / (100 if match[2] else 1) if match is not None else math.nan
    if not least <= share <= most:
        limit = f"up to {100 * most:g}%" if most < 100 else "not below 0"
        raise UsageError(f"{flag} {text}: not a share. Write it as 1% or 0.01, {limit}.")
    if share > 1 and match is not None and not match[2]:
        raise UsageError(f"{flag} {text}: a number without a unit. Write {match[1]}% or {100 * share:g}%.")
    return share


def parse_size(text: str, *, flag: str) -> int:
    """Bytes in '2GB', '1.5GiB' or '800M'. Raises UsageError, naming `flag`, for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(|[kmgt]i?)(b?)", text.strip().lower())
    if match is not None and not match[2] and not match[3] and float(match[1]) > 0:
        raise UsageError(f"{flag} {text}: a number without a unit. Write {match[1]}MB or {match[1]}GB.")
    size = int(float(match[1]) * (BYTES | BINARY)[match[2]]) if match is not None else 0
    if size <= 0:
        raise UsageError(f"{flag} {text}: not a size. Write it as 2GB, 1.5GiB or 800MB.")
    return size
