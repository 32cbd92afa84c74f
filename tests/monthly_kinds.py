"""Monthly series of many kinds."""

import numpy as np
import pandas as pd

STEPS = 84


def make_panel(seed: int, *, steps: int = STEPS) -> pd.DataFrame:
    """A long-form table of monthly series of many kinds, all above zero; the newest `steps` of longer ones."""
    generator = np.random.default_rng(seed)
    length = 240
    time = np.arange(length)
    noise = generator.normal(size=(9, length))
    season = np.resize(generator.normal(size=12), length)
    kinds = {
        "season": 200 + 20 * season + 3 * noise[0],
        "growing season": (100 + time) * np.exp(0.1 * season + 0.02 * noise[1]),
        "trend": 400 + 2 * time + 5 * noise[2],
        "walk": 300 + (4 * noise[3]).cumsum(),
        "noise": 50 + 8 * noise[4],
        "counts": generator.poisson(3.0, length).astype(float),
        "shift": 100 + 60 * (time > length - 30) + 3 * noise[5],
        "flat end": np.where(time > length - 6, 70.0, 70 + 4 * noise[6]),
        "short": 90 + 10 * season + 2 * noise[7],
    }
    dates = pd.date_range("2001-01-01", periods=length, freq="MS").strftime("%Y-%m-%d")
    lengths = {name: 20 if name == "short" else steps for name in kinds}
    frames = [
        pd.DataFrame({"id": name, "date": dates, "value": np.maximum(values, 0)})[-lengths[name] :]
        for name, values in kinds.items()
    ]
    return pd.concat(frames, ignore_index=True)
