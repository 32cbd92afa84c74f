"""Find rows that repeat the header, as in files that were put together with their headers."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["HEADER", "describe_repeated", "find_repeated_headers"]

HEADER = "header"
"""The mark of a line that repeats the header, in the column NOTE."""
MARK = "\ufeff"
"""The byte order mark at the start of each of the files."""


def find_repeated_headers(frame: pd.DataFrame, names: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which rows hold in each column its name, which `names` has for the columns of `frame`; at least in two."""
    # numbers can be names, and be equal to these
    has_words = any(re.search(r"[^\W\d]", name) for name in names.values())
    is_header = np.full(len(frame), len(names) > 1 and has_words)
    for column, name in names.items():
        if not is_header.any():
            break
        cells = frame[column]
        if cells.dtype.kind in "iuf":
            number = pd.to_numeric(name, errors="coerce")
            is_header &= (cells == number).to_numpy(bool)
        else:
            is_header &= cells.isin([name, f"{MARK}{name}", f'{MARK}"{name}"']).to_numpy(bool)
    return is_header


def describe_repeated(count: int, line_name: str) -> str:
    """How many lines, or rows, repeat the header, in words."""
    return f"{count:,} {line_name}{' that repeats' if count == 1 else 's that repeat'} the header"
