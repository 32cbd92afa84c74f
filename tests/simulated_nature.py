"""Simulated series of nature, and of what people do."""

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


def simulate_sun(days: int, *, seed: int, steps: int = 24) -> Array:
    """The power of the sun: nothing at night, and by day what the clouds of that day leave of it."""
    generator = np.random.default_rng(seed)
    clear = np.maximum(np.sin(2 * np.pi * (np.arange(steps) / steps - 0.25)), 0.0)
    left = generator.beta(1.2, 0.7, days)[:, None] * generator.uniform(0.7, 1.0, (days, steps))
    return np.asarray((100 * clear * left).ravel())


def simulate_shop(days: int, *, seed: int) -> Array:
    """Customers by the hour, none at night, more on Saturdays."""
    weekdays = np.resize([1.0, 1.1, 1.0, 1.3, 1.6, 2.2, 0.4], days)[:, None]
    open_hours = np.where((np.arange(24) >= 8) & (np.arange(24) < 20), 30.0, 0.0)
    noise = np.random.default_rng(seed).lognormal(0, 0.2, (days, 24))
    return np.asarray((weekdays * open_hours * noise).ravel())


def simulate_rides(days: int, *, seed: int, holidays: int = 40) -> Array:
    """Rides with weekdays, and with holidays that come again on the same weekday, 364 days later."""
    generator = np.random.default_rng(seed)
    weekdays = np.resize([100.0, 105, 104, 103, 98, 60, 45], days)
    effects = np.ones(364)
    effects[generator.choice(364, holidays, replace=False)] = generator.uniform(0.3, 0.7, holidays)
    level = 1 + 0.02 * np.cumsum(generator.normal(0, 0.1, days))
    return np.asarray(weekdays * np.resize(effects, days) * level * generator.lognormal(0, 0.05, days))
