"""What the first rows of a table show before the roles of its columns are known."""

import numpy as np
import pandas as pd

from forecaster.data.names.column_names import is_total_name
from forecaster.data.names.summary_rows import names_summary
from forecaster.data.parts.part_cells import hold_times
from forecaster.data.parts.time_parts import names_part

__all__ = ["find_constant", "keep_plain_rows"]


def keep_plain_rows(sample: pd.DataFrame) -> pd.DataFrame:
    """The rows without those of empty cells, which repeat each other, and without totals; all where none is left.

    Totals have the name of one in some cell, and no time or no usual one.
    """
    is_filled = np.asarray(sample.notna().to_numpy().any(axis=1))
    sample = sample[is_filled] if is_filled.any() and not is_filled.all() else sample
    is_total = pd.Series(False, index=sample.index)
    for column in sample:
        cells = sample[column].dropna().to_numpy(object)
        # columns of plain numbers have no names; a total may be the last cell, or stand below the months of each year
        looked_at = cells if names_part(str(column)) else cells[[0, -1]] if len(cells) else cells
        if np.isnan(pd.to_numeric(looked_at, errors="coerce").astype(float)).any():
            totals = [cell for cell in dict.fromkeys(cells) if is_total_name(cell)]
            # the name of a series may hold the word for a total, too, but times beside it do not
            wider = [cell for cell in dict.fromkeys(cells) if cell not in totals and names_summary(cell)]
            if wider and hold_times(sample[column][~sample[column].isin([*totals, *wider])]):
                totals += wider
            is_total |= sample[column].isin(totals) if totals else False
    return sample if is_total.all() or not is_total.any() else sample[~is_total]


def find_constant(sample: pd.DataFrame, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the `columns` that have one value in all rows, or none."""
    return tuple(column for column in columns if sample[column].nunique() < 2)
