"""All that is wrong with a file is said in one error: each kind with its first place and its number."""

from pathlib import Path

import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_bad_input import refuse

HEAD = "shop,date,sales\na,2024-01-01,1\na,2024-01-02,2\na,2024-01-03,3\n"
HEADER = "data.csv: two columns are named 'sales'. Rename one of them."
LONG = (
    "data.csv, line 5: more cells than the 3 columns of the header. Put cells that hold the separator in quotation "
    "marks, and write numbers as 1234.5."
)
TEXT = (
    "line 6: 'lots' is not a number. Leave cells without a value empty, or name the mark with --missing lots; write "
    "numbers as 1234.5."
)
NAME = "data.csv, column 'shop', line 7: the series has no name. Fill in the cell."
DATE = (
    "line 8: 'soon' cannot be read as a timestamp like the others. Fix it, or give the date format with --date-format."
)
TIME = "data.csv, column 'date', line 9: no timestamp. Fill in the cell or drop the line."
SIZE = "line 10: the value is 1e+200, too large to compute with. Leave the cell empty or fix it."
REPEAT = "line 12: 2024-01-05 is there already (line 11); 1 row repeats a timestamp."
LINES = {
    LONG: "a,2024-01-04,5,6\n",
    TEXT: "a,2024-01-04,lots\n",
    NAME: ",2024-01-04,5\n",
    DATE: "a,soon,5\n",
    TIME: "a,,5\n",
    SIZE: "a,2024-01-04,1e200\n",
    REPEAT: "a,2024-01-05,1\na,2024-01-05,2\n",
}
GOOD = "b,2024-01-{day:02d},4\n"
"""A line in place of a bad one, so that the others keep their numbers."""


def write(wrong: list[str], *, head: str = HEAD) -> str:
    """A table with what is `wrong`, each in the same line whatever else is wrong."""
    lines = "".join(
        text if says in wrong else "".join(GOOD.format(day=place + extra) for extra in range(text.count("\n")))
        for place, (says, text) in enumerate(LINES.items(), 1)
    )
    return head + lines


@pytest.mark.parametrize("says", LINES)
def test_one_problem_is_said_alone(forecast: Command, says: str) -> None:
    Path("data.csv").write_text(write([says]))
    outcome = refuse(forecast, "predict", "data.csv", "--id", "shop", code=65, says=[says])
    assert "problems" not in outcome.stderr
    assert "(1)" not in outcome.stderr
    assert outcome.stderr.rstrip().endswith(says) or says == REPEAT


@pytest.mark.parametrize("count", [2, 3, 5])
def test_all_problems_are_said_in_one_go(forecast: Command, count: int) -> None:
    kinds = list(LINES)
    for start in range(len(kinds)):
        wrong = [kinds[(start + step) % len(kinds)] for step in range(count)]
        # text in the column of sales leaves no value there to be too large
        wrong = [says for says in wrong if says != SIZE or TEXT not in wrong]
        Path("data.csv").write_text(write(wrong))
        refuse(
            forecast,
            "predict",
            "data.csv",
            "--id",
            "shop",
            code=65,
            says=[f"error: {len(wrong)} problems: (1) ", *wrong],
        )


def test_five_are_named_and_the_others_counted(forecast: Command) -> None:
    Path("data.csv").write_text(write(list(LINES)))
    outcome = refuse(forecast, "predict", "data.csv", "--id", "shop", code=65, says=["6 problems: (1)", "And 1 more."])
    assert "(5) " in outcome.stderr
    assert "(6) " not in outcome.stderr
    assert "6 problems: (1)" in forecast("check", "data.csv", "--id", "shop", "--json").stdout


def test_a_name_that_is_there_twice_hides_nothing_else(forecast: Command) -> None:
    text = write([DATE]).replace("sales", "sales,sales", 1)
    Path("data.csv").write_text(text)
    refuse(forecast, "predict", "data.csv", "--id", "shop", code=65, says=["2 problems: (1)", HEADER, DATE])
    # what may follow from the names is not reported
    Path("data.csv").write_text("a,a\nx,y\n")
    refuse(forecast, "predict", "data.csv", code=65, says=["error: data.csv: two columns are named 'a'. Rename"])


def test_further_problems_of_a_kind_are_counted(forecast: Command) -> None:
    more = {
        "a,2024-01-04,5,6\na,2024-01-05,5,6\n": "1 more line has too many.",
        "a,2024-01-04,lots\na,2024-01-05,lots\na,2024-01-06,x\n": "2 more cells are none.",
        ",2024-01-04,5\n,2024-01-04,5\n": "1 more line has none.",  # no series that repeats a time
        "a,soon,5\na,later,5\na,soon,6\n": "2 more cells cannot be read.",
        "a,,5\na,,6\n": "1 more line has none.",
        "a,2024-01-04,1e200\na,2024-01-05,1e200\n": "1 more cell is, too.",
    }
    for lines, says in more.items():
        Path("data.csv").write_text(HEAD + lines)
        outcome = refuse(forecast, "predict", "data.csv", "--id", "shop", code=65, says=["line 5: ", says])
        assert "problems" not in outcome.stderr
    Path("data.csv").write_text("date,a,a,b,b\n2024-01-01,1,2,3,4\n")
    refuse(forecast, "predict", "data.csv", code=65, says=["two columns are named 'a'", "1 more name is there twice."])


def test_text_in_two_columns_is_two_problems(forecast: Command) -> None:
    Path("data.csv").write_text("date,a,b\n2024-01-01,1,2\n2024-01-02,x,4\n2024-01-03,5,y\n2024-01-04,5,8\n")
    says = ["2 problems: (1) data.csv, column 'a', line 3: 'x'", "(2) data.csv, column 'b', line 4: 'y'"]
    refuse(forecast, "predict", "data.csv", code=65, says=says)


def test_rows_that_are_merged_are_no_problem(forecast: Command) -> None:
    Path("data.csv").write_text(write([DATE, REPEAT]))
    flags = ["--id", "shop", "--duplicates", "sum"]
    outcome = refuse(forecast, "predict", "data.csv", *flags, code=65, says=[DATE])
    assert "problems" not in outcome.stderr


def test_problems_of_several_files_are_said_together(forecast: Command) -> None:
    Path("parts").mkdir()
    Path("parts/1.csv").write_text(HEAD + "a,2024-01-04,5,6\n")
    Path("parts/2.csv").write_text(HEAD.replace("a,", "b,") + "b,soon,5\n")
    says = ["2 problems: (1) parts/1.csv, line 5: more cells", "(2) parts/2.csv, column 'date', line 5: 'soon'"]
    refuse(forecast, "predict", "parts", "--id", "shop", code=65, says=says)


def test_problems_of_a_frame_are_said_together() -> None:
    frame = pd.DataFrame(
        {"shop": ["a", "a", "", "a"], "date": ["2024-01-01", "2024-01-02", "2024-01-03", "soon"], "y": [1, 2, 3, 4]}
    )
    with pytest.raises(DataError, match=r"2 problems: .*'shop', row 2: the series has no name.*row 3: 'soon'"):
        forecaster.predict(frame, reading=ReadOptions(ids=("shop",)))
