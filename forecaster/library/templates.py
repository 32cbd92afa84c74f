"""The rows that a forecast needs of what is known ahead, for data as a file or a frame."""

from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.template import make_template
from forecaster.library.inputs import Data, Future, Given, Remark, ignore
from forecaster.library.model import Model
from forecaster.library.opening import open_model
from forecaster.limits import check_kind, check_steps

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["template", "template_of"]


def template(  # noqa: PLR0913 - options of the library
    data: Data,
    *,
    horizon: int | None = None,
    model: Model | str | Path | None = None,
    seasons: tuple[int, ...] = (),
    reading: ReadOptions | None = None,
    ends: EndOptions | None = None,
    future: Future = None,
    on_remark: Remark | None = ignore,
) -> "pd.DataFrame":
    """The rows that a forecast of `data` needs of what is known ahead, to fill in and give to `predict` as `future`.

    Cells that the data have are filled in, and those that a `future` has; the others are missing. The options are
    those of `predict`.

    >>> import pandas as pd
    >>> import forecaster
    >>> days = pd.date_range("2024-01-01", periods=28).strftime("%Y-%m-%d")
    >>> frame = pd.DataFrame({"ds": days, "y": [5, 5, 6, 6, 9, 1, 0] * 4, "price": [2, 3] * 14})
    >>> forecaster.template(frame, horizon=2, reading=forecaster.ReadOptions(known=("price",)))
               ds price
    0  2024-01-29  <NA>
    1  2024-01-30  <NA>
    """
    check_steps("horizon", horizon)
    check_kind("ends", ends, EndOptions)
    opened = open_model(model)
    given = opened.read(data, reading=reading, future=future, on_remark=on_remark)
    return given.restore_types(template_of(given, model=opened, horizon=horizon, seasons=seasons, ends=ends))


def template_of(
    given: Given,
    *,
    model: Model,
    horizon: int | None = None,
    seasons: tuple[int, ...] = (),
    ends: EndOptions | None = None,
) -> "pd.DataFrame":
    """The table of `template` for data that was read by `model`."""
    horizon = horizon or model.prepare(given, seasons=seasons).horizon
    return make_template(given.panel, columns=given.summary.columns, horizon=horizon, ends=ends)
