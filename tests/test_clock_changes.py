"""Local times without offsets have an hour twice where the clocks are set back."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

AHEAD = ["2023-11-05 00:00", "2023-11-05 01:00"]


def write(
    zone: str = "Europe/Berlin", *, columns: str = "Zeit", freq: str = "h", ends: str = "2023-11-05"
) -> list[str]:
    """The local times of two weeks with a row each, and the hour of the change with other values."""
    hours = pd.date_range("2023-10-20", ends, freq=freq, tz=zone, inclusive="left")
    times = [f"{hour:%Y-%m-%d %H:%M}" for hour in hours]
    twice = pd.Series(times).duplicated()
    lines = [
        f"{time if columns == 'Zeit' else time.replace(' ', ',')},{50 if is_second else 10 + row % 24}"
        for row, (time, is_second) in enumerate(zip(times, twice, strict=True))
    ]
    Path("data.csv").write_text("\n".join([f"{columns},kWh", *lines]) + "\n")
    return lines


def read_times(forecast: Command, *flags: str) -> list[str]:
    outcome = forecast("predict", "data.csv", "-o", "out.csv", "--horizon", "2", *flags)
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv("out.csv", dtype=str).iloc[:, 0].tolist()


@pytest.mark.parametrize("columns", ["Zeit", "Datum,Uhrzeit", "Datum,Von", "Datum,x"])
@pytest.mark.parametrize("freq", ["h", "15min"])
def test_the_repeated_hour_is_merged_and_said(forecast: Command, columns: str, freq: str) -> None:
    write(columns=columns, freq=freq)
    second = "2023-11-05 01:00" if freq == "h" else "2023-11-05 00:15"
    assert read_times(forecast) == [AHEAD[0], second]
    said = forecast("predict", "data.csv").stderr
    assert (
        "the hour of 2023-10-29 02:00:00 is there twice, as the clocks were set back: the mean of both counts" in said
    )
    assert ("hourly" if freq == "h" else "every 15min") in said
    for rule in ("first", "last", "sum", "mean") if columns == "Zeit" else ("first",):
        assert read_times(forecast, "--duplicates", rule) == [AHEAD[0], second], "hours stay hours"


def test_the_mean_of_both_counts(forecast: Command) -> None:
    lines = write()
    first = next(line for line in lines if line.startswith("2023-10-29 02:00"))
    forecast("check", "data.csv", "--fix", "fixed.csv", "--duplicates", "mean")
    fixed = pd.read_csv("fixed.csv").set_index("Zeit")["kWh"]
    assert fixed["2023-10-29 02:00"] == (float(first.split(",")[1]) + 50) / 2
    assert read_times(forecast) == AHEAD
    alone = Path("out.csv").read_bytes()
    assert read_times(forecast, "--duplicates", "mean") == AHEAD
    assert Path("out.csv").read_bytes() == alone


@pytest.mark.parametrize(
    ("zone", "ends"),
    [("Europe/London", "2023-11-05"), ("America/Denver", "2023-11-19"), ("Europe/Helsinki", "2023-11-05")],
)
def test_other_zones_have_other_hours(forecast: Command, zone: str, ends: str) -> None:
    write(zone, ends=ends)
    assert read_times(forecast)[0] == f"{ends} 00:00"


@pytest.mark.parametrize("columns", ["Zeit", "Datum,Uhrzeit"])
def test_other_repeated_times_are_refused_and_the_remedy_works(forecast: Command, columns: str) -> None:
    lines = write(columns=columns)
    for place in (100, lines.index(next(line for line in lines if line.endswith(",50")))):
        more = [*lines[:place], lines[place], *lines[place:]]
        Path("data.csv").write_text("\n".join([f"{columns},kWh", *more]) + "\n")
        outcome = forecast("predict", "data.csv")
        assert outcome.code == 65
        assert "is there already" in outcome.stderr
        assert "use --duplicates sum, mean, last or first" in outcome.stderr
        assert read_times(forecast, "--duplicates", "first") == AHEAD
    write(columns=columns)
    assert forecast("predict", "data.csv", "--duplicates", "refuse").code == 65


def test_times_in_utc_and_days_have_no_such_hour(forecast: Command) -> None:
    lines = write()
    Path("data.csv").write_text("\n".join(["Zeit,kWh", *(line.replace(",", "Z,") for line in lines)]) + "\n")
    assert "is there already" in forecast("predict", "data.csv").stderr
    days = [f"2023-10-{day:02d} 02:00,{day % 7}" for day in (*range(1, 30), 29, 30, 31)]
    Path("data.csv").write_text("\n".join(["Zeit,kWh", *days]) + "\n")
    assert "is there already" in forecast("predict", "data.csv").stderr


def test_transactions_are_merged_by_day_as_before(forecast: Command) -> None:
    rows = [
        f"2023-10-{day:02d},{9 + number}:{(7 * day + 13 * number) % 60:02d},{day % 7 + number}"
        for day in range(1, 29)
        for number in range(5)
    ]
    Path("data.csv").write_text("\n".join(["Date,Time,amount", *rows]) + "\n")
    assert read_times(forecast, "--duplicates", "sum") == ["2023-10-29", "2023-10-30"]


def test_the_times_in_utc_beside_local_ones_are_offered(forecast: Command) -> None:
    hours = pd.date_range("2023-10-20 06:00", periods=24 * 30, freq="h", tz="UTC")
    local = hours.tz_convert("America/Chicago")
    numbers = pd.Series(local.date).groupby(local.date).cumcount() + 1  # up to 25 on the day of the change
    rows = [
        f"{there:%m/%d/%Y},{number},{there:%m/%d/%Y %H:%M},{here:%m/%d/%Y %H:%M},{here.hour}"
        for here, there, number in zip(hours, local, numbers, strict=True)
    ]
    Path("numbered.csv").write_text("\n".join(["Data Date,Hour Number,Local Time,UTC Time,MW", *rows]) + "\n")
    Path("clock.csv").write_text(
        "\n".join(row.split(",", 2)[-1] for row in ["a,b,Local Time,UTC Time,MW", *rows]) + "\n"
    )
    for name in ("clock.csv", "numbered.csv"):
        said = forecast("predict", name, "--horizon", "2").stderr
        assert "(--duplicates first, last or sum takes these; --time 'UTC Time' has each hour once)" in said
    row = rows[100].split(",", 2)[-1].split(",")
    wrong = [",".join([rows[99].split(",")[2], *row[1:]]), *(row.split(",", 2)[-1] for row in rows if row != rows[100])]
    Path("wrong.csv").write_text("\n".join(["Local Time,UTC Time,MW", *wrong]) + "\n")
    refused = forecast("predict", "wrong.csv")
    assert refused.code == 65
    assert (
        "use those in 'UTC Time', which no change of the clock repeats: --time 'UTC Time'; if not, merge"
        in refused.stderr
    )
    for name in ("clock.csv", "numbered.csv"):
        outcome = forecast("predict", name, "--time", "UTC Time", "--horizon", "2")
        assert (outcome.code, "720 rows, 1 series, hourly" in outcome.stderr) == (0, True)
        assert "clocks were set back" not in outcome.stderr


@pytest.mark.parametrize("freq", ["h", "15min"])
@pytest.mark.parametrize("header", ["Zeit,meter", "Date,Hour,meter"])
@pytest.mark.parametrize("is_by_meter", [True, False])
def test_series_of_local_times_are_told_apart(forecast: Command, freq: str, header: str, *, is_by_meter: bool) -> None:
    lines = [line.rsplit(",", 1) for line in write(columns=header.removesuffix(",meter"), freq=freq)]
    rows = [
        (place, meter, ",".join([time, f"m{meter}", value]))
        for meter in (1, 2)
        for place, (time, value) in enumerate(lines)
    ]
    rows.sort(key=lambda row: (row[1], row[0]) if is_by_meter else row)
    Path("data.csv").write_text("\n".join([f"{header},kWh", *(row[2] for row in rows)]) + "\n")
    said = forecast("predict", "data.csv", "--horizon", "2").stderr
    assert "series by 'meter' (found; --id names others)" in said
    assert "the hour of 2023-10-29 02:00:00 is there twice, as the clocks were set back" in said


def test_series_with_other_times_twice_are_not_told_apart(forecast: Command) -> None:
    lines = [line.rsplit(",", 1) for line in write()]
    rows = [",".join([time, f"m{meter}", value]) for meter in (1, 2) for time, value in [*lines, [lines[5][0], "7"]]]
    Path("data.csv").write_text("\n".join(["time,meter,kWh", *rows]) + "\n")
    assert "name it with --id" in forecast("predict", "data.csv").stderr
    told = forecast("predict", "data.csv", "--id", "meter").stderr
    assert "data.csv, series m1, line 387: 2023-10-20 05:00:00 is there already" in told
