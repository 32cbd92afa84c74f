"""Forecasts of files in any style: finite, and at the times that follow, written as the file writes its own."""

import csv
import math
from pathlib import Path

import pandas as pd
from hypothesis import given

from tests.conftest import Command
from tests.fuzzing import few
from tests.written_tables import AHEAD, TableStyle, Written, draw_style, write_table


def read_times(style: TableStyle, written: Written) -> dict[tuple[str, ...], list[str]]:
    """The times of the forecasts of each series; raises AssertionError for a value that is not finite."""
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file, delimiter=style.delimiter))
    time = "timestamp" if style.form.columns or style.has_periods else style.time_name
    numbers = [place for place, name in enumerate(header) if name.startswith("forecast")]
    keys = [place for place, name in enumerate(header) if name != time and place not in numbers]
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        assert all(math.isfinite(float(row[place].replace(",", "."))) for place in numbers), row
        found.setdefault(tuple(row[place] for place in keys), []).append(row[header.index(time)])
    assert found.keys() == written.series.keys()
    return found


def test_forecasts_continue_the_calendar_of_a_file_in_its_style(forecast: Command) -> None:
    done = 0

    @few
    @given(draw_style())
    def check(style: TableStyle) -> None:
        nonlocal done
        written = write_table(style)
        Path(written.name).write_bytes(written.content)
        ids = [word for column in written.options.ids for word in ("--id", column)]
        outcome = forecast("predict", written.name, *ids, "--horizon", str(AHEAD), "--output", "out.csv")
        Path(written.name).unlink()
        assert outcome.code in (0, 2, 3, 65), outcome.stderr
        assert "Traceback" not in outcome.stderr
        assert Path("out.csv").exists() == (outcome.code in (0, 3))
        if outcome.code in (2, 65):
            return
        done += 1
        ends = {key: first + len(values) for key, (first, values) in written.series.items()}
        for key, times in read_times(style, written).items():
            # series that do not end together may be forecast from the latest end
            expected = [written.cells[end : end + AHEAD] for end in {ends[key], max(ends.values())}]
            if not style.form.columns:
                texts = [[" ".join(cell) for cell in cells] for cells in expected]
                if style.layout == "periods":  # days as pandas names columns lose their time of day
                    texts = [[text.removesuffix(" 00:00:00") for text in one] for one in texts]
                assert times in texts, outcome.stderr
            elif "W" not in times[0]:
                moments = [written.times[end : end + AHEAD].tolist() for end in {ends[key], max(ends.values())}]
                assert pd.to_datetime(times, dayfirst="." in times[0]).tolist() in moments, times
        Path("out.csv").unlink()

    check()
    assert done
