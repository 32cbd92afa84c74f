"""What models of earlier versions called channels and candidate forecasts; the order is the same."""

__all__ = ["rename_old"]

RENAMED = {
    "deseasonalised_long": "deseasonalised_secondary",
    "deseasonalised_steady": "deseasonalised_shrunken",
    "lag": "seasonal_lag",
    "lag_long": "secondary_lag",
    "has_lag": "has_seasonal_lag",
    "has_lag_long": "has_secondary_lag",
    "profile_long": "profile_secondary",
    "profile_steady": "profile_shrunken",
    "phase_sine_long": "phase_sine_secondary",
    "phase_cosine_long": "phase_cosine_secondary",
    "unit_to_spread": "noise_to_deviation",
    "spread_to_level": "deviation_to_level",
    "first_to_unit": "first_difference_to_noise",
    "seasonal_to_unit": "seasonal_difference_to_noise",
    "seasonal_long_to_unit": "secondary_difference_to_noise",
    "deseasonalised_to_unit": "deseasonalised_difference_to_noise",
    "relative_to_unit": "multiplicative_difference_to_noise",
    "steady_slope": "smoothing_slope",
    "steady_memory": "smoothing_memory",
    "steady_share": "shrinkage_weight",
    "cycles_seen_long": "cycles_seen_secondary",
    "last": "naive",
    "same_phase": "seasonal_naive",
    "same_phase_long": "seasonal_naive_secondary",
    "season_mean_long": "season_mean_secondary",
    "relative": "multiplicative",
    "relative_growth": "multiplicative_growth",
    "steady": "shrunken",
    "steady_trend": "shrunken_theta",
    "steady_median": "shrunken_median",
    "steady_long": "shrunken_secondary",
}


def rename_old(names: list[str]) -> tuple[str, ...]:
    """`names` as they are called now."""
    return tuple(RENAMED.get(name, name) for name in names)
