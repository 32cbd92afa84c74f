"""Files of the future that are of another kind than the data, or written in another way."""

import pandas as pd
import pytest

from tests.conftest import Command
from tests.shops import HORIZON, make_shop

KNOWN = ("--known", "promo,price", "--target", "sales", "--horizon", HORIZON)
GERMAN = {"sep": ";", "decimal": ",", "date_format": "%d.%m.%Y"}


def make_table() -> pd.DataFrame:
    table = make_shop()
    table["price"] = 2.12 - 0.5 * table["promo"]
    table["promo"] = table["promo"].map({0: "nein", 1: "ja"})
    return table.assign(date=pd.to_datetime(table["date"]))


def write(table: pd.DataFrame, path: str) -> str:
    """Write a table by the name of its file, which begins with `german` where it is written so."""
    if path.endswith(".xlsx"):
        table.to_excel(path, index=False)
    elif path.endswith(".parquet"):
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, **(GERMAN if path.startswith("german") else {}))  # type: ignore[call-overload]
    return path


def predict(forecast: Command, data: str, future: str) -> tuple[pd.DataFrame, str]:
    output = "out.parquet" if data.endswith("parquet") else "out.csv"
    outcome = forecast("predict", data, *KNOWN, "--future", future, "-o", output, "--digits", "full")
    assert outcome.code == 0, outcome.stderr
    table = pd.read_parquet(output) if data.endswith("parquet") else pd.read_csv(output, sep=None, engine="python")
    numbers = table.iloc[:, 1:].astype(str).replace(",", ".", regex=True).astype(float)
    return numbers, outcome.stderr


@pytest.mark.parametrize("data", ["data.csv", "german.csv", "data.xlsx", "data.parquet"])
def test_data_and_future_may_be_of_any_kind_and_form(forecast: Command, data: str) -> None:
    table = make_table()
    past, later = table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")
    write(past, data)
    same = data.replace("german", "german_later").replace("data", "later")
    expected, _ = predict(forecast, data, write(later, same))
    for future in {"later.csv", "german_later.csv", "later.xlsx", "later.parquet"} - {same}:
        found, said = predict(forecast, data, write(later, future))
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9, obj=future)
        is_other = future == "german_later.csv" and data != "german.csv"
        assert ("times such as" in said) == is_other
    # and it is read at all
    other, _ = predict(forecast, data, write(later.assign(promo="nein"), "later.csv"))
    assert not other.equals(expected)


@pytest.mark.parametrize("data", ["data.xlsx", "data.parquet", "data.csv"])
def test_the_template_is_accepted_as_it_was_written(forecast: Command, data: str) -> None:
    write(make_table().iloc[:-HORIZON], data)
    outcome = forecast("template", data, *KNOWN)
    assert outcome.code == 0, outcome.stderr
    assert "give it to 'forecast predict' with --future future.csv" in outcome.stderr
    filled = pd.read_csv("future.csv").assign(promo="ja", price=1.5)
    filled.to_csv("future.csv", index=False)
    predict(forecast, data, "future.csv")
    assert forecast("template", data, *KNOWN, "-o", "later.parquet").code == 0
    write(pd.read_parquet("later.parquet").assign(promo="ja", price=1.5), "later.parquet")
    predict(forecast, data, "later.parquet")
    for name in ("later.xlsx", "later.json"):
        refused = forecast("template", data, *KNOWN, "-o", name)
        assert refused.code == 2
        assert "Name a file that ends in .csv" in refused.stderr


def test_the_order_of_day_and_month_is_found_where_the_times_go_on_and_asked_for_elsewhere(forecast: Command) -> None:
    table = make_table()
    first = pd.date_range("2024-07-01", periods=7).strftime("%d/%m/%Y")
    past = table[table["date"] < "2024-07-01"]
    write(past, "data.csv")
    later = pd.DataFrame({"date": first, "promo": "nein", "price": 2.125})
    later.to_csv("later.csv", index=False)
    words = ("predict", "data.csv", *KNOWN[:4], "-o", "out.csv", "--future", "later.csv", "--horizon")
    outcome = forecast(*words, 7)
    assert outcome.code == 0, outcome.stderr
    assert "times such as '01/07/2024' are read as 2024-07-01" in outcome.stderr
    later.iloc[3:].to_csv("later.csv", index=False)
    outcome = forecast(*words, 7, "--future-fill", "last")
    assert outcome.code == 65
    assert "can be read as day/month or month/day. Write the times of later.csv as those of the data" in outcome.stderr
    # a cell that is no time is named
    later.assign(date=[*first[:6], "soon"]).to_csv("later.csv", index=False)
    outcome = forecast(*words, 7)
    assert outcome.code == 65
    assert "later.csv" in outcome.stderr


def test_a_mark_that_may_separate_thousands_is_asked_for(forecast: Command) -> None:
    table = make_table()
    write(table.iloc[:-HORIZON], "data.csv")
    later = table.iloc[-HORIZON:].drop(columns="sales")
    write(later.assign(price=2.125), "german_later.csv")
    for known in (KNOWN, ("--known", "price", *KNOWN[2:])):
        outcome = forecast("predict", "data.csv", *known, "--future", "german_later.csv")
        assert outcome.code == 65
        assert "column 'price': its numbers may have a decimal comma" in outcome.stderr
    # one cell shows which it is
    prices = [2.125] * (HORIZON - 1) + [2.5]
    one, _ = predict(forecast, "data.csv", write(later.assign(price=prices), "german_later.csv"))
    other, _ = predict(forecast, "data.csv", write(later.assign(price=prices), "later.csv"))
    pd.testing.assert_frame_equal(one, other)
    # points of a file with commas between its cells are of decimals
    write(table.iloc[:-HORIZON], "german.csv")
    one, _ = predict(forecast, "german.csv", write(later.assign(price=2.125), "later.csv"))
    other, _ = predict(forecast, "german.csv", write(later.assign(price=2.125), "german_later.csv"))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("future", ["later.csv", "later.xlsx"])
def test_a_column_that_the_future_lacks_is_filled_in_with_a_line(forecast: Command, future: str) -> None:
    table = make_table()
    write(table.iloc[:-HORIZON], "data.csv")
    later = table.iloc[-HORIZON:].drop(columns=["sales", "price"])
    words = ("predict", "data.csv", *KNOWN, "--digits", "full", "-o", "out.csv", "--future")
    outcome = forecast(*words, write(later, future))
    assert outcome.code == 65
    assert f"{HORIZON} values of what is known ahead are missing" in outcome.stderr
    outcome = forecast(*words, future, "--future-fill", "last")
    assert outcome.code == 0, outcome.stderr
    assert f"{future}: no column 'price', so its values are missing there" in outcome.stderr
    found = pd.read_csv("out.csv")
    outcome = forecast(*words, write(later.assign(price=table["price"].iloc[-HORIZON - 1]), future))
    assert outcome.code == 0
    pd.testing.assert_frame_equal(found, pd.read_csv("out.csv"))
    # a name that is nearly that of the column is not taken for another column
    for other in (
        later.assign(Price=1.0),
        later.drop(columns="promo").assign(day=1),
        later.drop(columns="date").assign(day=1),
    ):
        outcome = forecast(*words, write(other, future), "--future-fill", "last")
        assert outcome.code == 65
        assert f"{future}: no column" in outcome.stderr


def test_a_calendar_that_has_past_days_too_may_be_given(forecast: Command) -> None:
    table = make_table()
    past, calendar = table.iloc[:-HORIZON], table.drop(columns="sales")
    write(past, "data.csv")
    expected, said = predict(forecast, "data.csv", write(calendar.iloc[-HORIZON:], "later.csv"))
    assert "have already" not in said
    for part in (calendar, calendar.assign(price=calendar["price"].where(calendar.index >= len(past)))):
        found, said = predict(forecast, "data.csv", write(part, "calendar.csv"))
        pd.testing.assert_frame_equal(found, expected)
        assert f"--future: {len(past)} steps that the data have already are left out" in said
    said = predict(forecast, "data.csv", write(calendar.iloc[-HORIZON - 1 :], "one.csv"))[1]
    assert "--future: 1 step that the data have already is left out" in said
    # what the data lack is taken from it
    write(past.assign(price=past["price"].where(past.index % 3 > 0)), "data.csv")
    found, _ = predict(forecast, "data.csv", "later.csv")
    assert not found.equals(expected)
    found, _ = predict(forecast, "data.csv", write(calendar, "calendar.csv"))
    pd.testing.assert_frame_equal(found, expected)
    # they do not agree
    write(past, "data.csv")
    words = ("predict", "data.csv", *KNOWN, "-o", "out.csv", "--digits", "full", "--future")
    outcome = forecast(
        *words, write(calendar.assign(price=calendar["price"] + (calendar.index == 150)), "calendar.csv")
    )
    assert outcome.code == 65
    day = f"{table['date'][150]:%Y-%m-%d}"
    assert f"{day}: --future has another value of 'price' than the data" in outcome.stderr
    # what the message says works
    last = f"{past['date'].iloc[-1]:%Y-%m-%d}"
    assert f"(there are some up to {last})" in outcome.stderr
    found, _ = predict(forecast, "data.csv", write(calendar[calendar["date"] > last], "calendar.csv"))
    pd.testing.assert_frame_equal(found, expected)
    # as of an earlier day, it says what comes after that, whatever the data have
    until = f"{past['date'].iloc[-HORIZON - 1]:%Y-%m-%d}"
    other = write(calendar.assign(price=1.5)[calendar["date"] > until], "calendar.csv")
    assert forecast(*words, other, "--until", until).code == 0
    raised = pd.read_csv("out.csv")
    assert forecast(*words, write(calendar, "calendar.csv"), "--until", until).code == 0
    assert not raised.equals(pd.read_csv("out.csv"))


@pytest.mark.parametrize(
    ("count", "said"), [(1, "no column 'x0', so its"), (200, "'x7' and 192 more, so their values")]
)
def test_columns_that_the_future_lacks_are_said_in_a_line(forecast: Command, count: int, said: str) -> None:
    others = pd.DataFrame({f"x{number}": 1.0 for number in range(count)}, index=range(200 + HORIZON))
    table = pd.concat([make_shop(), others], axis=1)
    table.iloc[:-HORIZON].to_csv("shop.csv", index=False)
    table.iloc[-HORIZON:][["date", "promo"]].to_csv("future.csv", index=False)
    words = ("--target", "sales", "--known", ",".join(["promo", *others]), "--future", "future.csv")
    outcome = forecast("predict", "shop.csv", "--horizon", HORIZON, *words, "--future-fill", "last", "-o", "-")
    assert outcome.code == 0, outcome.stderr
    assert said in outcome.stderr
    assert max(map(len, outcome.stderr.splitlines())) < 2000


@pytest.mark.parametrize("of_data", ["%Y-%m-%d", "%d.%m.%Y"])
@pytest.mark.parametrize("of_future", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%d.%m.%Y"])
def test_forecasts_have_the_dates_of_the_data(forecast: Command, of_data: str, of_future: str) -> None:
    table = make_shop()[["date", "sales", "promo"]]
    table["date"] = pd.to_datetime(table["date"])
    for part, style, name in ((table[:-HORIZON], of_data, "shop.csv"), (table[-HORIZON:], of_future, "future.csv")):
        part.assign(date=part["date"].dt.strftime(style)).to_csv(name, index=False)
    words = ("--known", "promo", "--future", "future.csv", "-o", "out.csv")
    outcome = forecast("predict", "shop.csv", "--horizon", HORIZON, *words)
    assert outcome.code == 0, outcome.stderr
    assert pd.read_csv("out.csv")["date"].tolist() == table["date"][-HORIZON:].dt.strftime(of_data).tolist()
