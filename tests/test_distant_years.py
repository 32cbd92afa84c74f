"""Times that pandas cannot read: before 1678 and after 2261."""

import numpy as np
import pandas as pd
import pytest

from forecaster.data.times import distant_years
from forecaster.data.times.date_formats import parse_texts


@pytest.mark.parametrize(
    ("text_format", "texts"),
    [
        ("%d.%m.%Y", ["13.01.1000", "01.01.1677", "20.06.2000", "13.12.2262", "31.12.2300", "31.12.9999"]),
        (None, ["1000-01-13", "1677-01-01", "2000-06-20", "2262-12-13", "2300-12-31", "9999-12-31"]),
        ("%Y%m%d", ["10000113", "16770101", "20000620", "22621213", "23001231", "99991231"]),
    ],
)
def test_distant_years_are_read(text_format: str | None, texts: list[str]) -> None:
    days = ["1000-01-13", "1677-01-01", "2000-06-20", "2262-12-13", "2300-12-31", "9999-12-31"]
    found = parse_texts(pd.Series(texts), text_format)
    np.testing.assert_array_equal(found, np.array(days, "datetime64[us]"))


def test_others_that_do_not_fit_are_not_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(distant_years, "_parse_distant")
    found = parse_texts(pd.Series(["25.10.2022 07:00", "01.10.1990 23:45"]), "%m.%d.%Y %H:%M")
    assert np.isnat(found).tolist() == [True, False]
