"""Words for zones behind times: both of a zone are its local times, one alone a clock that is never changed."""

import pandas as pd
import pytest

from tests.conftest import Command
from tests.time_forms import AHEAD, predict, predict_and_say, refuse, write

PAIRS = {
    "PST PDT": "America/Los_Angeles",
    "EST EDT": "America/New_York",
    "CST CDT": "America/Chicago",
    "CET CEST": "Europe/Berlin",
    "GMT BST": "Europe/London",
}
FORMS = ["%Y-%m-%d %H:%M %Z", "%m/%d/%Y %I:%M %p %Z"]


@pytest.mark.parametrize(("words", "zone"), PAIRS.items())
@pytest.mark.parametrize("around", ["2024-03-20", "2024-11-01"], ids=["spring", "autumn"])
def test_both_words_are_local_times_with_summer_time(forecast: Command, words: str, zone: str, around: str) -> None:
    hours = pd.date_range(pd.Timestamp(around) - pd.Timedelta("16D"), periods=700, freq="h", tz="UTC").tz_convert(zone)
    assert {*hours.strftime("%Z")} == {*words.split()}
    for form in FORMS:
        stamps = [*hours.strftime(form)]
        times, said = predict_and_say(forecast, write(stamps[:-AHEAD]))
        assert times == stamps[-AHEAD:]
        assert f"are read as those of {zone} (--timezone" in said
    assert predict(forecast, write(stamps[-AHEAD - 1 :: -1])) == stamps[-AHEAD:], "from the newest to the oldest"


def test_forecasts_go_over_the_change_of_the_clocks_in_words(forecast: Command) -> None:
    back = pd.date_range("2024-10-01", "2024-11-03 09:00", freq="h", tz="UTC").tz_convert("America/Los_Angeles")
    begins = [*pd.date_range("2024-01-01", periods=20, freq="h", tz="UTC").tz_convert(back.tz).strftime(FORMS[0])]
    written = [*back.strftime(FORMS[0])]
    assert (written[-2][-3:], written[-1][-3:]) == ("PDT", "PST")
    assert predict(forecast, write([*begins, *written[:-2]]))[:2] == written[-2:], "01:00 PDT, then 01:00 PST"


@pytest.mark.parametrize("word", ["PST", "EST", "CET", "CEST", "GMT", "UTC"])
def test_one_word_is_kept(forecast: Command, word: str) -> None:
    # over a day on which clocks are changed
    hours = pd.date_range("2024-03-05", periods=30 * 24, freq="h")
    stamps = [f"{hour:%Y-%m-%d %H:%M} {word}" for hour in hours]
    times, said = predict_and_say(forecast, write(stamps[:-AHEAD]))
    assert times == stamps[-AHEAD:]
    assert ("never changed" in said) == (word not in ("GMT", "UTC"))


def test_words_that_do_not_fit_the_time_of_the_year_are_refused(forecast: Command) -> None:
    hours = pd.date_range("2024-05-01", periods=100, freq="h")
    stamps = [f"{hour:%Y-%m-%d %H:%M} {'PDT' if row < 50 else 'PST'}" for row, hour in enumerate(hours)]
    assert "do not fit America/Los_Angeles" in refuse(forecast, write(stamps))
    same = [f"{hour:%Y-%m-%d %H:%M} EST" for hour in hours]
    assert "do not fit Europe/Berlin" in refuse(forecast, write(same), "--timezone", "Europe/Berlin")
    assert predict(forecast, write(same), "--timezone", "Etc/GMT+5")


def test_words_of_two_zones_are_refused(forecast: Command) -> None:
    hours = pd.date_range("2024-01-01", periods=100, freq="h")
    stamps = [f"{hour:%Y-%m-%d %H:%M} {'PST' if row < 50 else 'CET'}" for row, hour in enumerate(hours)]
    assert "ends in the name of a time zone" in refuse(forecast, write(stamps))
    some = [f"{hour:%Y-%m-%d %H:%M}{' PST' if row < 50 else ''}" for row, hour in enumerate(hours)]
    assert "ends in the name of a time zone" in refuse(forecast, write(some))
