"""UTC offsets at the end of timestamps: find, parse and name them."""

import re
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.errors import DataError, UsageError

__all__ = [
    "HALF_OF_DAY",
    "OFFSET",
    "OFFSET_FORMAT",
    "find_offsets",
    "find_timezone",
    "parse_offsets",
    "refuse_zone_names",
    "to_instants",
    "to_local",
]

OFFSET = r"(?:[Zz]|(?:UTC|GMT)?[+-](?:0\d|1[0-4])(?::?[0-5]\d)?|UTC|GMT)"
HALF_OF_DAY = r"(?:[AaPp]\.?[Mm]\.?\s+)?"
TIME_WITH_OFFSET = r"(?:\d:\d\d|T\d{4})\S*(?: \d{4}(?=\s))?\s*" + HALF_OF_DAY + OFFSET + "$"
OFFSET_FORMAT = r"\s*(?:UTC|GMT)?%(?::{0,3}z|Z)$"
"""`%Z` writes CET, `%z` +0100, `%:z` +01:00 and `%:::z` +01, with minutes only where there are any."""
ZONE_NAME = re.compile(
    r"\d:\d\d\S*?\s*"
    + HALF_OF_DAY
    + r"\b((?!(?:[AP]\.?M\.?|Z|UTC|GMT|Mon|Tue|Wed|Thu|Fri|Sat|Sun)$)[A-Z][A-Za-z]{2,4}|[A-Z]\w+/\w+)$"
)
LITERAL = re.compile(r"[Zz]|UTC|GMT")


def find_offsets(texts: "pd.Series[str]") -> NDArray[np.bool_]:
    """Which texts end in a UTC offset after a time of day, [text]."""
    return texts.str.contains(TIME_WITH_OFFSET, regex=True, na=False).to_numpy(bool)


def refuse_zone_names(texts: "pd.Series[str]", *, name: str) -> None:
    """Raise DataError for a text that ends in the name of a zone, such as CET: several zones share such names."""
    found = next(filter(None, map(ZONE_NAME.search, texts.dropna())), None)
    if found is not None:
        raise DataError(
            f"{name}: {found.string!r} ends in the name of a time zone, {found[1]}, which does not determine "
            "the offset. Write the UTC offset instead, such as +01:00, or leave it out in every row."
        )


def parse_offsets(texts: "pd.Series[str]", has_offset: NDArray[np.bool_]) -> tuple[NDArray[Any], str]:
    """The UTC offset of each text, 0 where it has none, and the end of the format that writes them."""
    parts = texts.str.extract(rf"(\s*)({OFFSET})$")
    digits = parts[1].str.replace(r"UTC|GMT|:", "", regex=True).str.replace(r"[Zz]|^$", "+0000", regex=True)
    minutes = digits.str[1:3].astype(float) * 60 + digits.str.slice(3, 5).replace("", "0").astype(float)
    signed = np.where(digits.str[0] == "-", -minutes, minutes)
    offsets = np.asarray((np.where(has_offset, signed, 0) * 60e6).astype(np.int64).astype("timedelta64[us]"))
    gap, first = parts[has_offset].iloc[0]
    if LITERAL.fullmatch(first) and bool((parts[1][has_offset] == first).all()):
        return offsets, f"{gap}{first}"
    numbered = next((text for text in parts[1][has_offset] if not LITERAL.fullmatch(text)), "+00:00")
    prefix = numbered[:3] if numbered[0] in "UG" else ""
    is_short = bool((parts[1][has_offset].str.fullmatch(r"(?:UTC|GMT)?[+-]\d\d")).any())
    directive = "%:::z" if is_short else "%:z" if ":" in numbered else "%z"
    return offsets, f"{gap}{prefix}{directive}"


def find_timezone(offsets: NDArray[Any], timezone: str | None) -> str | None:
    """The zone to write in: `timezone` if given, else the only one of `offsets`, None for several.

    Raises UsageError for an unknown `timezone`.
    """
    if timezone is not None:
        try:
            pd.Timestamp(0, tz=timezone)
        except (LookupError, ValueError, OSError) as error:
            raise UsageError(f"--timezone {timezone}: no such zone. Use a name such as Europe/Berlin.") from error
        return timezone
    if len(np.unique(offsets)) > 1:
        return None
    minutes = int(offsets[0] // np.timedelta64(60_000_000, "us"))
    sign: Literal["+", "-"] = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"


def to_local(instants: NDArray[Any], *, timezone: str) -> NDArray[Any]:
    """The local times in `timezone` of `instants` in UTC."""
    local = pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    return local.to_numpy().astype("datetime64[us]")


def to_instants(local: NDArray[Any], *, timezone: str) -> NDArray[Any]:
    """The moments in UTC of `local` times in `timezone`; NaT where the clock shows a time twice, or skips it."""
    stamps = pd.DatetimeIndex(local).tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    return stamps.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
