"""Seconds and peak memory of forecasts of many series, stage by stage: python -m benchmarks.scale --help.

Each run is a process of its own. The series are monthly, 120 steps each, forecast by the base model; they are made
once, in the folder that is given.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

STEPS = 120
CHUNK = 20_000
STAGES = {"divide_files": "divide", "_survey": "read and survey", "_forecast_part": "forecast and write"}


def make_series(path: Path, *, count: int) -> dict[str, Any]:
    """Write so many series to a Parquet file, in pieces."""
    import fastparquet

    months, steps = pd.date_range("2014-01-01", periods=STEPS, freq="MS"), np.arange(STEPS)
    for begin in range(0, count, CHUNK):
        size, random = min(CHUNK, count - begin), np.random.default_rng(begin)
        phase = random.integers(0, 12, size)[:, None]
        usual = random.lognormal(4, 1, size)[:, None] * (1 + 0.3 * np.sin(2 * np.pi * (steps + phase) / 12))
        values = np.round(usual * np.exp(0.1 * random.standard_normal((size, STEPS)) + 0.002 * steps), 1)
        ids = np.array([f"item_{number:07d}" for number in range(begin, begin + size)], object)
        table = pd.DataFrame({"item": np.repeat(ids, STEPS), "month": np.tile(months, size), "sales": values.ravel()})
        fastparquet.write(str(path), table, append=begin > 0, write_index=False)
    return {}


def measure_parts(data: Path, output: Path, *, memory: int) -> dict[str, Any]:
    """Forecast in parts; wall seconds of each stage."""
    from forecaster.forecasting.writing import columns_for
    from forecaster.library.forecast_files import ForecastStyle
    from forecaster.library.opening import open_base_model
    from forecaster.scale import predicting
    from forecaster.scale.large_input import LargeInput
    from forecaster.scale.part_forecaster import Request

    seconds: dict[str, float] = {}

    def time_stage(work: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            begun = perf_counter()
            found = work(*arguments, **named)
            found = list(found) if stage == "read and survey" else found
            seconds[stage] = seconds.get(stage, 0.0) + perf_counter() - begun
            return found

        return run

    for name, stage in STAGES.items():
        setattr(predicting, name, time_stage(getattr(predicting, name), stage))
    request = Request(ForecastStyle(columns_for([80, 95], quantiles=[])))
    large = LargeInput((str(data),))
    written = predicting.predict_in_parts(
        large, str(output), max_memory=memory, model=open_base_model(), request=request
    )
    return {"parts": written.parts, **seconds}


def measure_ray(data: Path, output: Path, *, nodes: int) -> dict[str, Any]:
    """Forecast on a Ray cluster of so many node processes, each with one core."""
    import ray
    from ray.cluster_utils import Cluster

    from forecaster.forecasting.writing import columns_for
    from forecaster.library.forecast_files import ForecastStyle
    from forecaster.library.opening import open_base_model
    from forecaster.scale.large_input import LargeInput
    from forecaster.scale.on_ray import predict_on_ray
    from forecaster.scale.part_forecaster import Request

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(nodes - 1):
        cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, logging_level="ERROR", log_to_driver=False)
    begun = perf_counter()
    request = Request(ForecastStyle(columns_for([80, 95], quantiles=[])))
    predict_on_ray(LargeInput((str(data),)), str(output), model=open_base_model(), request=request)
    found = {"without the start of Ray": perf_counter() - begun}
    ray.shutdown()
    cluster.shutdown()
    return found


def measure_training(data: Path, *, memory: int) -> dict[str, Any]:
    """Read a sample of the series and fine-tune the base model on it."""
    from forecaster.learning.plan import TrainingPlan
    from forecaster.library.functions import learn
    from forecaster.scale.large_input import LargeInput
    from forecaster.scale.sampling import read_sample

    begun = perf_counter()
    given, reading = read_sample(LargeInput((str(data),)), max_memory=memory)
    read = perf_counter() - begun
    learn(given, plan=TrainingPlan(), reading=reading)
    return {"series": len(given.panel), "sample": read, "learn": perf_counter() - begun - read}


def run_alone(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The figures of `work`, and wall and CPU seconds and peak megabytes of the process that does it."""
    reader, writer = os.pipe()
    begun, child = perf_counter(), os.fork()
    if child == 0:
        cpu = process_time()
        try:
            found = work()
            os.write(writer, json.dumps({**found, "CPU": process_time() - cpu}).encode())
            os._exit(0)
        except BaseException as error:
            print(error, file=sys.stderr)
            os._exit(1)
    _, status, usage = os.wait4(child, 0)
    os.close(writer)
    if status:
        raise SystemExit("failed")
    found = json.loads(os.read(reader, 1 << 16))
    return {"wall": perf_counter() - begun, "peak MB": usage.ru_maxrss / 1000, **found}


def main() -> None:
    """Print a line of figures for each number of series and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("scale"), help="where the series and forecasts are kept")
    parser.add_argument("--series", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--memory", type=float, default=2.0, help="GB")
    parser.add_argument("--ways", nargs="+", default=["parts"], choices=["parts", "ray-1", "ray-2", "train"])
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    for count in options.series:
        data, output = options.folder / f"series_{count}.parquet", options.folder / "forecasts"
        if not data.exists():
            run_alone(partial(make_series, data, count=count))
        for way in options.ways:
            shutil.rmtree(output, ignore_errors=True)
            memory = int(options.memory * 1e9)
            works = {
                "parts": partial(measure_parts, data, output, memory=memory),
                "ray-1": partial(measure_ray, data, output, nodes=1),
                "ray-2": partial(measure_ray, data, output, nodes=2),
                "train": partial(measure_training, data, memory=memory),
            }
            found = {name: round(value, 1) for name, value in run_alone(works[way]).items()}
            print(f"{count:,} series, {way}:", ", ".join(f"{name} {value:,}" for name, value in found.items()))


if __name__ == "__main__":
    main()
