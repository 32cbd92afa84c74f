"""Times before 1678 or after 2261, which pandas cannot read."""

import re
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["fill_distant_years"]

FIRST_NANOSECONDS, LAST_NANOSECONDS = np.datetime64("1677-09-22", "us"), np.datetime64("2262-04-11", "us")
DISTANT_YEAR = r"0\d{3}|1[0-5]\d\d|16[0-7]\d|226[2-9]|22[7-9]\d|2[3-9]\d\d|[3-9]\d{3}"


def fill_distant_years(wall: NDArray[Any], texts: "pd.Series[str]", text_format: str | None) -> None:
    """Put the times of such years into `wall`, in place, where it has none for one of the `texts`."""
    places = np.flatnonzero(np.isnat(wall))
    unread = texts.iloc[places]
    # most do not fit the format, and there may be millions of them, as days where months are tried
    is_distant = unread.str.contains(DISTANT_YEAR, regex=True, na=False).to_numpy(bool)
    for place, text in zip(places[is_distant].tolist(), unread[is_distant], strict=True):
        wall[place] = _parse_distant(text, text_format)


def _parse_distant(text: Any, text_format: str | None) -> Any:
    try:
        found = datetime.strptime(text, text_format) if text_format else datetime.fromisoformat(text)
        moment = np.datetime64(found.replace(tzinfo=None), "us")
    except (ValueError, TypeError, re.error):
        return np.datetime64("NaT")
    return moment if moment < FIRST_NANOSECONDS or moment > LAST_NANOSECONDS else np.datetime64("NaT")
