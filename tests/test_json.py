"""JSON is refused as what it is, with a way to turn it into a table."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecaster.data.reading import read_panel
from forecaster.errors import DataError


@pytest.mark.parametrize("form", ["records", "columns", "indented", "lines"])
def test_json_is_refused_with_a_script_that_turns_it_into_a_table(form: str) -> None:
    table = pd.DataFrame({"date": [f"2024-01-{day:02d}" for day in range(1, 29)], "sales": range(28)})
    orient: Any = "columns" if form == "columns" else "records"
    table.to_json("table.json", orient=orient, lines=form == "lines", indent=1 if form == "indented" else None)
    with pytest.raises(DataError) as caught:
        read_panel("table.json")
    pattern = r"pandas\.read_json\('table\.json'(, lines=True)?\)\.to_csv\('data\.csv', index=False\)"
    script = re.search(pattern, str(caught.value))
    assert script is not None
    pd.read_json("table.json", lines=bool(script[1])).to_csv("data.csv", index=False)
    assert len(read_panel("data.csv")[0].values) == 28


@pytest.mark.parametrize(
    "text", ['{"data": [{"date": "2024-01-01", "sales": 1}]}', '[["2024-01-01", 1]]', '[\n {\n "a": 1}]']
)
def test_other_json_is_called_so(text: str) -> None:
    Path("table.json").write_text(text)
    with pytest.raises(DataError, match=r"this is JSON, not CSV text\. Save its table as CSV"):
        read_panel("table.json")
