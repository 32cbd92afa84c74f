"""Simulated daily series that go back to their time of the year, and others that do not."""

import numpy as np

from forecaster.arrays import Array

YEAR = 365


def simulate_weather(days: int, *, seed: int, memory: float = 0.85) -> Array:
    """Temperatures: a season, and what is forgotten within weeks."""
    noise, state = np.random.default_rng(seed).normal(size=days), 0.0
    rest = np.empty(days)
    for day in range(days):
        state = memory * state + noise[day]
        rest[day] = state
    return np.asarray(12 + 10 * np.sin(2 * np.pi * np.arange(days) / 365.25) + 2 * rest)


def simulate_flow(days: int, *, seed: int) -> Array:
    """The flow of a river: rain, rarely much of it, runs off within days and within months."""
    generator = np.random.default_rng(seed)
    season = 1 + 0.9 * np.sin(2 * np.pi * np.arange(days) / 365.25)
    rain = np.where(generator.random(days) < 0.15 * season, generator.lognormal(0.5, 1.7, days), 0.0)
    fast = slow = 1.0
    flow = np.empty(days)
    for day in range(days):
        fast, slow = 0.7 * fast + rain[day], 0.985 * slow + 0.02 * rain[day]
        flow[day] = fast + slow
    return flow


def simulate_walk(days: int, *, seed: int) -> Array:
    """A price: it goes on from where it is."""
    return np.asarray(500 + np.random.default_rng(seed).normal(size=days).cumsum())


def simulate_sales(days: int, *, seed: int) -> Array:
    """Sales with weekdays and a season, whose level does not change."""
    weekdays = np.resize([0.0, 1, 2, 3, 6, 9, -5], days)
    season = 4 * np.sin(2 * np.pi * np.arange(days) / 365.25)
    return np.asarray(50 + 2 * weekdays + season + np.random.default_rng(seed).normal(size=days))


def simulate_drift(days: int, *, seed: int) -> Array:
    """A season whose level moves from year to year."""
    season = 3 * np.sin(2 * np.pi * np.arange(days) / 365.25)
    return np.asarray(season + 0.03 * np.arange(days) + np.random.default_rng(seed).normal(size=days))
