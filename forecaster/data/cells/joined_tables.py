"""One table of the rows of several files."""

import pandas as pd

from forecaster.data.cells.table import Table
from forecaster.data.roles.columns import Columns

__all__ = ["join_tables"]


def join_tables(tables: list[Table], *, columns: Columns, name: str) -> Table:
    """One table of all rows; a covariate or an attribute is text in all files where it is text in one."""
    decimal = tables[0].number_style.decimal
    for column in columns.explanatory:
        is_text = [isinstance(table.frame[column].dtype, pd.CategoricalDtype) for table in tables]
        if any(is_text) and not all(is_text):
            tables = [
                table if text else table.replace_columns({column: _write_numbers(table.frame[column], decimal=decimal)})
                for table, text in zip(tables, is_text, strict=True)
            ]
    return Table.join(tables, name=name)


def _write_numbers(cells: "pd.Series[float]", *, decimal: str) -> pd.Categorical:
    """Numbers as text, as they are read again where `decimal` is the usual mark."""
    codes, numbers = pd.factorize(cells)
    texts = pd.Index([f"{number:.15g}".replace(".", decimal) for number in numbers], dtype=object)
    return pd.Categorical.from_codes(codes, categories=texts)
