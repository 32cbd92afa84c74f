"""`forecast check`: what it finds, its exit codes, and the warnings that the other commands give."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.checks.findings import KINDS, Finding
from forecaster.data.checks.series_checks import check_series, count_closed_phases
from forecaster.data.checks.value_checks import check_values
from forecaster.data.frequency import parse_frequency
from forecaster.data.panel import Panel
from forecaster.library.remarks import describe_findings
from tests.conftest import SAMPLES, Command, make_monthly

FILES = Path(__file__).parent / "files"
NAN = np.nan


def make_panel(*series: Any, freq: str = "D", start: str = "2024-01-01", delays: tuple[int, ...] = ()) -> Panel:
    """A panel of `series`, each of which begins `delays` steps after the first."""
    calendar = parse_frequency(freq)
    first = np.full(len(series), start, "datetime64[us]")
    starts = calendar.advance(first, np.array(delays or [0] * len(series)))
    offsets = np.concatenate([[0], np.cumsum([len(values) for values in series])])
    values = np.concatenate([np.asarray(values, np.float64) for values in series])
    return Panel(values, offsets, starts, [(f"s{number}",) for number in range(len(series))], calendar)


def make_wavy(length: int = 60, *, level: float = 50, seed: int = 0) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """A weekly season and some noise."""
    noise = np.random.default_rng(seed).normal(0, 1, length)
    return np.asarray(level + 5 * np.sin(2 * np.pi * np.arange(length) / 7) + noise)


FOUND = {
    "missing_marks_among_values.csv": ("W301", 5, "Harbour, 2023-01-19: -999"),
    "wild_outliers.csv": ("W302", 25, "the only series, 2021-0"),
    "kilowatts_then_watts.csv": ("W303", 1, "the only series, 2021-09-01: 4"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_would_be_silently_wrong_is_found(forecast: Command, name: str) -> None:
    code, count, example = FOUND[name]
    options = ["--id", "station"] if name.startswith("missing") else []
    outcome = forecast("check", FILES / name, "--json", *options)
    assert outcome.code == 0, outcome.stderr
    assert f"│ {code} │" in outcome.stderr
    found = json.loads(outcome.stdout)["findings"]
    warnings = [finding for finding in found if finding["severity"] == "warning"]
    assert [(finding["code"], finding["count"]) for finding in warnings] == [(code, count)]
    assert warnings[0]["examples"][0].startswith(example)
    assert len(warnings[0]["examples"]) == min(count, 3)
    outcome = forecast("predict", FILES / name, *options)
    assert outcome.code == 0
    assert len([line for line in outcome.stderr.splitlines() if line.startswith(f"  {code}: ")]) == 1
    quiet = forecast("predict", FILES / name, "--quiet", "--json", *options)
    assert quiet.stderr == ""
    assert json.loads(quiet.stdout)["warnings"] == warnings


@pytest.mark.parametrize("words", [("train", "--steps", "1"), ("evaluate",)])
def test_train_and_evaluate_warn_as_well(forecast: Command, words: tuple[str, ...]) -> None:
    outcome = forecast(words[0], FILES / "kilowatts_then_watts.csv", *words[1:], "--horizon", "2", "--json")
    assert outcome.code == 0, outcome.stderr
    assert outcome.stderr.count("  W303: ") == 1
    assert [warning["code"] for warning in json.loads(outcome.stdout.splitlines()[-1])["warnings"]] == ["W303"]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
def test_good_data_has_no_warning(forecast: Command, path: Path) -> None:
    outcome = forecast("check", path, "--json")
    assert outcome.code == 0
    found = json.loads(outcome.stdout)
    assert [finding for finding in found["findings"] if finding["severity"] != "note"] == []
    assert {"rows", "series", "columns", "times", "frequency", "span", "length", "predict", "train"} <= set(
        found["facts"]
    )


def test_repeated_timestamps_are_an_error_and_the_rest_is_audited(forecast: Command) -> None:
    pd.read_csv(SAMPLES / "us_employment.csv").drop(columns="sector").to_csv("jobs.csv", index=False)
    outcome = forecast("check", "jobs.csv", "--json")
    assert outcome.code == 65
    found = json.loads(outcome.stdout)
    assert [(one["code"], one["count"]) for one in found["findings"]] == [("E002", 2520)]
    assert "name it with --id" in found["findings"][0]["action"]
    assert found["facts"]["frequency"] == "monthly"


def test_data_that_cannot_be_read_are_an_error(forecast: Command) -> None:
    Path("bad.csv").write_text("date,y\n2024-01-01,1\n2024-01-02,many\n2024-01-03,3\n")
    outcome = forecast("check", "bad.csv", "--json")
    assert outcome.code == 65
    assert "line 3" in outcome.stderr
    assert [one["code"] for one in json.loads(outcome.stdout)["findings"]] == ["E001"]
    assert forecast("check", "none.csv").code == 66
    assert forecast("check", "bad.csv", "--id", "shop").code == 2


def test_frames_are_checked_too() -> None:
    table = pd.read_csv(FILES / "missing_marks_among_values.csv")
    found = forecaster.check(table, reading=forecaster.ReadOptions(ids=("station",)))
    assert [(finding.code, finding.count) for finding in found.findings] == [("W301", 5)]
    assert not found.has_errors
    said: list[str] = []
    forecaster.predict(table, reading=forecaster.ReadOptions(ids=("station",)), on_remark=said.append)
    assert len([line for line in said if line.startswith("  W301: ")]) == 1


def test_after_five_warnings_the_rest_are_counted() -> None:
    found = tuple(Finding(code, 7, ("a", "b", "c"), "Fix it.") for code in list(KINDS) if code.startswith("W"))
    lines = describe_findings(found, names=("my data.csv",))
    assert len(lines) == 6
    assert lines[0].endswith(": 7 (a; b; c …). Fix it.")
    assert lines[-1] == f"  and {len(found) - 5} more: forecast check 'my data.csv'"
    assert len(describe_findings(found[:5], names=("x",))) == 5


def test_the_docs_list_all_codes() -> None:
    page = (Path(__file__).parents[1] / "docs" / "findings.md").read_text()
    rows = re.findall(r"^\| ([EWN]\d{3}) \| (\w+) \| (.+?) \|", page, re.MULTILINE)
    assert rows == [(code, kind.severity, kind.words) for code, kind in KINDS.items()]
    assert all(code[0] == kind.severity[0].upper() for code, kind in KINDS.items())


def test_marks_within_the_range_of_the_values_are_values() -> None:
    wide = np.linspace(-3000, 12000, 40)
    assert "W301" not in check_values(make_panel([*wide, 9999, -999], [*make_wavy(level=990), 999]))
    assert check_values(make_panel([*make_wavy(), 9999, -999]))["W301"][1].tolist() == [60, 61]
    # one lies between another and the values
    assert check_values(make_panel([*make_wavy(), -99, -999]))["W301"][1].tolist() == [60, 61]
    # as weather services write them, however many there are
    assert check_values(make_panel(np.insert(make_wavy(), [20, 30, 40], 999.9)))["W301"][1].tolist() == [20, 31, 42]
    half = np.where(np.arange(60) % 2, 9999.9, make_wavy())
    assert len(check_values(make_panel(half))["W301"][1]) == 30
    # a large negative mark among values of any size that are never negative
    assert check_values(make_panel([*np.linspace(0, 5000, 40), -999]))["W301"][1].tolist() == [40]
    assert "W301" not in check_values(make_panel([*np.linspace(0, 5000, 40), -99]))


@pytest.mark.parametrize("mark", [9.99, -9.99, 99.99, 99.9, 9.999, -99.999])
def test_nines_far_from_all_others_are_marks_and_named(mark: float) -> None:
    index = np.sin(np.arange(90)) + np.linspace(-1, 1, 90)
    values = np.insert(index, [40, 90, 90], mark)
    assert check_values(make_panel(values))["W301"][1].tolist() == [40, 91, 92]
    table = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=93), "index": values})
    (found,) = [one for one in forecaster.check(table).findings if one.code == "W301"]
    assert found.action == f"If no value was meant, use --missing {mark}."


def test_nines_that_may_be_measured_are_values() -> None:
    index = np.sin(np.arange(90)) + np.linspace(-1, 1, 90)
    # a single one not much farther out than others
    assert "W301" not in check_values(make_panel(np.insert(index, 40, 9.99)))
    # prices, and the lower ones of promotions
    prices = np.where(np.arange(90) % 30 < 6, 4.49, 9.99)
    others = np.where(prices > 5, 99.99, 59.99), np.where(prices > 5, 99.9, 49)
    assert "W301" not in check_values(make_panel(prices, *others))
    # shares
    assert "W301" not in check_values(make_panel(np.where(np.arange(90) % 9, 99.99, 99.9 + index / 100)))


def test_heavy_tails_and_seasonal_peaks_are_no_outliers() -> None:
    heavy = np.random.default_rng(1).lognormal(3, 1, 400)
    yearly = make_wavy(800)
    yearly[[30, 395, 760]] = 900
    single = make_wavy(800)
    single[30] = 900
    found = check_values(make_panel(heavy, yearly, single))
    assert [part.tolist() for part in found["W302"]] == [[2], [30]]
    often = make_wavy(800)
    often[::10] = 900
    assert "W302" not in check_values(make_panel(often))


def test_growth_zeros_and_a_single_spike_are_no_level_shift() -> None:
    grown = np.exp(np.linspace(0, 12, 60))
    closed = make_wavy()
    closed[::7] = 0
    spike = make_wavy()
    spike[-1] *= 1000
    fallen = make_wavy()
    fallen[40:] /= 1000
    found = check_values(make_panel(grown, closed, spike, fallen))
    assert [part.tolist() for part in found["W303"]] == [[3], [40]]
    stepped = [*[10.0] * 8, *make_wavy(), *(15 * make_wavy())]
    assert check_values(make_panel(stepped, [0.05, 0.05, *make_wavy()])) == {}
    late = make_wavy(80)
    late[-3:] *= 1000
    assert set(check_values(make_panel(late))) == {"W303"}


def test_constant_dead_and_mostly_zero_series_are_told_apart() -> None:
    dead = [*make_wavy(40), *[0] * 25]
    rare = ([0] * 9 + [4]) * 6
    found = check_values(make_panel([5.0] * 30, dead, rare, make_wavy(), [0.0] * 30))
    whole = {code: series.tolist() for code, (series, _) in found.items()}
    assert whole == {"N201": [0, 4], "W204": [1], "N205": [2]}
    winter = [*make_wavy(40), *[0] * 20, *make_wavy(40), *[0] * 25]
    assert check_values(make_panel(winter)) == {}


def test_series_that_ended_are_new_or_short_are_named() -> None:
    panel = make_panel(
        make_wavy(100),
        make_wavy(100),
        make_wavy(40),
        make_wavy(97),
        make_wavy(5),
        make_wavy(12),
        delays=(0, 0, 0, 0, 95, 88),
    )
    found = {code: series.tolist() for code, (series, _) in check_series(panel).items()}
    assert found == {"N202": [5], "W203": [2], "N207": [3], "N208": [4], "W305": [1]}


def test_scattered_ends_are_not_called_ended() -> None:
    panel = make_panel(*(make_wavy(30 + 20 * number, seed=number) for number in range(5)))
    assert set(check_series(panel)) == {"N207"}


def test_a_total_and_a_copy_are_found() -> None:
    parts = [make_wavy(50, level=level, seed=level) for level in (20, 40, 70)]
    total = np.sum(parts, axis=0).round(1)
    found = check_series(make_panel(*parts, total, [NAN], parts[0]))
    assert found["W305"][0].tolist() == [5]
    found = check_series(make_panel(*parts, total))
    assert found["W304"][0].tolist() == [3]
    assert check_series(make_panel(parts[0], total)) == {}
    assert set(check_series(make_panel(total, total))) == {"W305"}
    later = make_panel(total, total, parts[0], delays=(0, 0, 60))
    assert "W304" not in check_series(later)
    assert check_series(make_panel([3.0] * 50, [3.0] * 50)) == {}


def test_days_that_never_have_a_value_are_named() -> None:
    week = [5.0, 6, 7, 5, 6, 9, NAN]
    assert count_closed_phases(make_panel(week * 6)) == ["Sunday"]
    assert count_closed_phases(make_panel(week * 2)) == []
    assert count_closed_phases(make_panel([*week * 6, 1, 1, 1, 1, 1, 1, 4.0])) == []
    assert count_closed_phases(make_panel([1.0, *[NAN] * 6] * 6)) == []
    rare = np.where(np.random.default_rng(2).random(210) < 0.2, 4.0, NAN)
    rare[[0, -1]], rare[6::7] = 4.0, NAN
    assert count_closed_phases(make_panel(rare[:-1])) == []
    day = [NAN] * 8 + [3.0] * 16
    assert count_closed_phases(make_panel(day * 7, freq="h")) == [f"{hour:02d}:00" for hour in range(8)]


@pytest.mark.parametrize(("lengths", "words"), [((60, 60), "60 steps"), ((60, 48), "48 to 60 steps")])
def test_a_range_of_lengths_is_only_named_where_they_differ(lengths: tuple[int, int], words: str) -> None:
    tables = [
        make_monthly(series=1, length=length).assign(shop=str(length * number))
        for number, length in enumerate(lengths, 1)
    ]
    found = forecaster.check(pd.concat(tables), reading=forecaster.ReadOptions(ids=("shop",)))
    assert dict(found.facts)["length"] == words


def test_names_that_differ_in_blanks_or_capitals_only_are_found(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    rows = [f"{day},{name},{value}" for day, value in zip(days, range(60), strict=True) for name in ("north", "South")]
    Path("data.csv").write_text("\n".join(["date,store,y", *rows]) + "\n")
    assert "W209" not in forecast("check", "data.csv").stderr
    odd = [
        row.replace("north", "north ").replace("South", "south") if number % 4 < 2 else row
        for number, row in enumerate(rows)
    ]
    Path("data.csv").write_text("\n".join(["date,store,y", *odd]) + "\n")
    outcome = forecast("check", "data.csv", "--json")
    found = {finding["code"]: finding for finding in json.loads(outcome.stdout)["findings"]}["W209"]
    assert (found["count"], found["examples"]) == (2, ["'north ' and 'north'", "'south' and 'South'"])
    assert "W209: series whose names differ" in forecast("predict", "data.csv").stderr


def test_long_names_of_series_are_shortened_in_sentences_and_whole_in_json(forecast: Command) -> None:
    stem = "a very long name of a product, " * 12
    values = make_wavy().round(1)
    dates = pd.date_range("2024-01-01", periods=len(values)).strftime("%Y-%m-%d")
    parts = [pd.DataFrame({"id": stem + letter, "date": dates, "y": values}) for letter in "abc"]
    pd.concat(parts).to_csv("long.csv", index=False)
    outcome = forecast("predict", "long.csv", "-o", "out.csv", "--json")
    (said,) = (line for line in outcome.stderr.splitlines() if "W305" in line)
    assert len(said) < 300
    assert f"({stem[:50]}…" in said
    assert said.endswith(f"…{stem[-28:]}c). Leave out the copies.")
    (found,) = (one for one in json.loads(outcome.stdout.splitlines()[-1])["warnings"] if one["code"] == "W305")
    assert found["examples"] == [f"{stem}b", f"{stem}c"]
