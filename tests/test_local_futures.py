"""Local times in a file of the future, beside data whose times have UTC offsets: read where their zone is given."""

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command

WORDS = ("--target", "load", "--known", "warm", "--horizon", "72", "-o", "-", "--digits", "full")
ZONE = ("--timezone", "Europe/Berlin")


def write_hours(end: str) -> pd.DataFrame:
    """Hours up to the day `end` in data.csv, and a column that explains them; the days after, over a clock change."""
    generator = np.random.default_rng(0)
    last = pd.Timestamp(end, tz="Europe/Berlin")
    hours = pd.date_range(last - pd.Timedelta(days=40), periods=24 * 43, freq="h")
    warm = (generator.random(len(hours)) < 0.3).astype(int)
    load = (100 + 20 * np.sin(2 * np.pi * hours.hour / 24) + 30 * warm + generator.normal(0, 1, len(hours))).round(2)
    table = pd.DataFrame({"time": hours, "load": load, "warm": warm})
    is_past = table["time"] < last
    written = table["time"].map(lambda moment: moment.isoformat())
    table[is_past].assign(time=written[is_past]).to_csv("data.csv", index=False)
    return table[~is_past].drop(columns="load")


def test_local_times_are_those_of_the_zone_that_is_given(forecast: Command) -> None:
    future = write_hours("2024-03-30")
    assert (future["time"].dt.tz_localize(None).diff() > pd.Timedelta(hours=1)).any()
    found = {}
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"):
        future.assign(time=future["time"].dt.strftime(form)).to_csv("future.csv", index=False)
        outcome = forecast("predict", "data.csv", *WORDS, *ZONE, "--future", "future.csv")
        assert outcome.code == 0, outcome.stderr
        found[form] = outcome.stdout
        said = "are read as local ones in Europe/Berlin" in outcome.stderr
        assert said == (not form.endswith("%z"))
    assert len({*found.values()}) == 1
    # the effect of the hours that are warm is where it should be
    median = np.array([float(line.split(",")[1]) for line in outcome.stdout.splitlines()[1:]])
    hour = future["time"].dt.hour.to_numpy()[:72]
    expected = 100 + 20 * np.sin(2 * np.pi * hour / 24) + 30 * future["warm"].to_numpy()[:72]
    assert np.abs(median - expected).mean() < 3


@pytest.mark.parametrize(("words", "end"), [((), "2024-03-30"), (ZONE, "2024-10-26")])
def test_local_times_are_refused_where_the_moment_is_not_known(
    forecast: Command, words: tuple[str, ...], end: str
) -> None:
    future = write_hours(end)
    future.assign(time=future["time"].dt.strftime("%Y-%m-%d %H:%M")).to_csv("future.csv", index=False)
    refused = forecast("predict", "data.csv", *WORDS, *words, "--future", "future.csv")
    assert refused.code == 65
    said = f"{end} has no UTC offset, as the times of the data have. Write it, or name the zone"
    if words:
        said = "2024-10-27 02:00:00 is there twice on the clock of Europe/Berlin, or never. Write its UTC offset"
    assert said in refused.stderr


def test_an_offset_beside_the_hour_that_is_there_twice_is_enough(forecast: Command) -> None:
    future = write_hours("2024-10-26")
    whole, hour = (future["time"].dt.strftime(form) for form in ("%Y-%m-%dT%H:%M:%S%z", "%m-%d %H"))
    future.assign(time=whole.where(hour == "10-27 02", whole.str[:-5])).to_csv("some.csv", index=False)
    future.assign(time=whole).to_csv("all.csv", index=False)
    outcomes = [forecast("predict", "data.csv", *WORDS, *ZONE, "--future", name) for name in ("some.csv", "all.csv")]
    assert [outcome.code for outcome in outcomes] == [0, 0]
    assert outcomes[0].stdout == outcomes[1].stdout
