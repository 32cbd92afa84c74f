"""Files that are unusual in their encoding, header, name or place are read rightly, and what was found is said."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import SAMPLES, Command
from tests.test_reading import LONG, SERIES, as_lists, read

FILES = Path(__file__).parent / "files"


def test_windows_text_is_read_and_said(forecast: Command) -> None:
    outcome = forecast("predict", FILES / "filialen_cp1252.csv", "--id", "Filiale", "--horizon", "1", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "not UTF-8: read as cp1252" in outcome.stderr
    assert [line.split(";")[0] for line in outcome.stdout.splitlines()] == ["Filiale", "Köln", "München"]
    plain = forecast(
        "predict", FILES / "filialen_cp1252.csv", "--id", "Filiale", "--encoding", "cp1252", "--output", "-"
    )
    assert "cp1252" not in plain.stderr.replace("filialen_cp1252", "")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("title", ["", "Report of 2024\n\n", '"Report, ""of""\n2024"\n'])
def test_a_line_break_in_the_first_name_is_no_end_of_the_header(forecast: Command, delimiter: str, title: str) -> None:
    names = ['"Date\n(local)"', '"Store\nname"', '"Sales\n(USD)"']
    rows = [f"2024-01-{day:02d},{store},{day % 7}.5" for day in range(1, 29) for store in "AB"]
    text = "\n".join([",".join(names), *rows]).replace(",", delimiter)
    Path("data.csv").write_text(title + text)
    outcome = forecast("predict", "data.csv", "--horizon", "1", "--output", "-")
    assert "time 'Date (local)', target 'Sales (USD)', series by 'Store name' (found" in outcome.stderr
    assert outcome.stdout.splitlines()[0].replace(delimiter, ",").startswith("Store name,Date (local),forecast,")
    # lines are counted as they are in the file
    Path("data.csv").write_text(title + text + f"\n2024-01-29{delimiter}A{delimiter}lots\n")
    line = title.count("\n") + text.count("\n") + 2
    assert f"line {line}: 'lots' is not a number" in forecast("predict", "data.csv").stderr


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp850", ("Köln", "München")),
        ("cp850", ("Orléans", "Nîmes", "Besançon")),
        ("mac-roman", ("Köln", "München")),
        ("mac-roman", ("Besançon", "Orléans")),
        ("cp1252", ("Köln", "München", "Besançon", "L’Haÿ", "Œuf", "ÅRHUS", "5 °C", "a–b")),
    ],
)
def test_text_of_other_systems_is_read_and_said(forecast: Command, encoding: str, names: tuple[str, ...]) -> None:
    rows = [f"2024-01-{day:02d};{name};{day % 7}" for day in range(1, 29) for name in names]
    Path("data.csv").write_bytes("\n".join(["Tag;Ort;Größe", *rows]).encode(encoding))
    words = ["predict", "data.csv", "--id", "Ort", "--horizon", "1", "--output", "-"]
    outcome = forecast(*words)
    assert f"not UTF-8: read as {encoding} (" in outcome.stderr
    assert "target 'Größe'" in outcome.stderr
    assert [line.split(";")[0] for line in outcome.stdout.splitlines()] == ["Ort", *names]
    assert forecast(*words, "--encoding", encoding).stdout == outcome.stdout


def test_text_that_may_be_in_two_encodings_is_asked_for(forecast: Command) -> None:
    rows = [f"2024-01-{day:02d};{name};{day % 7}" for day in range(1, 29) for name in ("Köln", "Bonn")]
    Path("data.csv").write_bytes("\n".join(["Tag;Ort;Wert", *rows]).encode("cp850"))
    outcome = forecast("predict", "data.csv", "--output", "-")
    assert outcome.code == 65
    assert "Choose --encoding cp850 if this is 'Köln', or --encoding mac-roman if this is 'Kîln'." in outcome.stderr
    outcome = forecast("predict", "data.csv", "--output", "-", "--encoding", "cp850")
    assert "\nKöln;" in outcome.stdout


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised_without_a_byte_order_mark(encoding: str) -> None:
    assert as_lists(read(LONG.encode(encoding), ids=("shop",))[0]) == SERIES


def test_a_header_with_a_line_break_is_one_line(forecast: Command) -> None:
    text = '"shop",date,"sales\n(units)"\n' + LONG.partition("\n")[2]
    panel, summary = read(text, ids=("shop",))
    assert (as_lists(panel), summary.columns.targets) == (SERIES, ("sales (units)",))
    Path("data.csv").write_text(text + "a,soon,3\n")
    outcome = forecast("predict", "data.csv", "--id", "shop")
    assert outcome.code == 65
    assert "line 8: 'soon'" in outcome.stderr


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape"])
def test_encodings_that_are_not_for_files_are_refused(forecast: Command, name: str) -> None:
    Path("data.csv").write_text(LONG)
    outcome = forecast("predict", "data.csv", "--encoding", name)
    assert outcome.code == 2
    assert f"--encoding {name}: no such encoding" in outcome.stderr


def test_a_pipe_may_be_named_as_data(forecast: Command) -> None:
    os.mkfifo("pipe")
    content = (SAMPLES / "air_passengers.csv").read_bytes()
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(content))
    writer.start()
    outcome = forecast("predict", "pipe", "--horizon", "2", "--output", "-")
    writer.join()
    plain = forecast("predict", SAMPLES / "air_passengers.csv", "--horizon", "2", "--output", "-")
    assert (outcome.code, outcome.stdout) == (0, plain.stdout)


def test_a_working_folder_that_was_deleted_is_explained(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    command = 'rmdir "$1" && exec "$2" -m forecaster predict "$3"'
    words = ["sh", "-c", command, "sh", str(folder), sys.executable, str(SAMPLES / "air_passengers.csv")]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(root)})
    assert done.returncode == 78, done.stderr
    assert "the working folder was deleted" in done.stderr


@pytest.mark.parametrize("output", ["-", "out.csv", "out.csv.gz"])
def test_line_ends_within_ids_are_kept(forecast: Command, output: str) -> None:
    names = ["a\rb", "c\nd", "e\r\nf"]
    table = pd.DataFrame([(name, f"2024-0{month}-01", month) for name in names for month in range(1, 7)])
    table.columns = pd.Index(["id", "date", "y"])
    table.to_csv("data.csv", index=False, quoting=2)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", output)
    assert outcome.code == 0, outcome.stderr
    if output == "-":
        output = "out.csv"
        Path(output).write_bytes(outcome.stdout.encode())
    found = read(Path(output), target="forecast")[0]
    assert found.ids == [(name,) for name in names]
    assert found.lengths.tolist() == [2] * 3


@pytest.mark.parametrize(
    "above", ["Umsatzbericht 2024\n\n", "Report;;\nBerlin;;\n", "# exported\n# from shop; 2024\n", "Title, 2024\n"]
)
def test_titles_and_comments_above_the_header_are_left_out_and_said(forecast: Command, above: str) -> None:
    text = LONG.replace(",", ";")
    panel, summary = read(above + text, ids=("shop",))
    assert as_lists(panel) == SERIES
    count = above.strip().count("\n") + 1 - above.strip().count("\n\n")
    assert summary.notes[-1].startswith(f"{count} line")
    assert repr(above.split("\n")[0]) in summary.notes[-1]
    Path("data.csv").write_text(above + text + "a;soon;3\n")
    line = (above + text).count("\n") + 1
    assert f"line {line}: 'soon'" in forecast("predict", "data.csv", "--id", "shop").stderr


def test_names_with_a_delimiter_more_than_the_rows_are_found_below_titles() -> None:
    rows = "".join(f"LNS14,{year},Q0{quarter},{year % 7}.5\n" for year in (2019, 2020, 2021) for quarter in range(1, 5))
    titles = "Series Id:      LNS14\n\nSeasonally Adjusted\nAge:   16 years and over\n\n"
    panel, summary = read(f"{titles}Series id,Year,Period,Value,\n{rows}")
    assert (panel.calendar.name, len(panel.values)) == ("quarterly", 12)
    assert any(note.startswith("3 lines above the header not read") for note in summary.notes)


def test_of_two_columns_of_one_name_the_second_is_called_by_its_place(forecast: Command) -> None:
    Path("data.csv").write_text("date,y,y\n2024-01-01,1,2\n2024-01-02,1,x\n2024-01-03,1,3\n2024-01-04,1,3\n")
    outcome = forecast("predict", "data.csv", "--wide")
    assert outcome.code == 65
    assert "two columns are named 'y'" in outcome.stderr
    assert "column 'y' (column 3), line 3: 'x' is not a number" in outcome.stderr


def test_a_header_after_a_number_sign_is_a_header() -> None:
    panel, summary = read("#date,y\n2024-01-01,1\n2024-01-02,2\n", time="#date")
    assert (as_lists(panel), summary.notes) == ({(): [1.0, 2.0]}, ())


def test_a_quotation_mark_within_a_name_opens_no_line_break() -> None:
    panel, _ = read('date,12" pipe,note\n2024-01-01,1,x\n2024-01-02,2,"y"\n2024-01-03,3,5"\n')
    assert as_lists(panel) == {(): [1.0, 2.0, 3.0]}


def test_a_report_with_a_title_is_forecast_like_its_table(forecast: Command) -> None:
    outcome = forecast("predict", FILES / "umsatzbericht.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "1 line above the header not read: 'Umsatzbericht Filiale 12'" in outcome.stderr
    Path("plain.csv").write_text((FILES / "umsatzbericht.csv").read_text().partition("\n\n")[2])
    assert forecast("predict", "plain.csv", "--horizon", "2", "--output", "-").stdout == outcome.stdout
