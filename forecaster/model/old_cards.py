"""Convert model cards of format versions 1 and 2, which were flat, to version 3.

Nothing is checked here: `read_as` refuses missing values and wrong types afterwards.
"""

from typing import Any

__all__ = ["nest_base_card", "nest_model_card"]

RENAMED_INPUTS = {
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
"""Channels and candidate forecasts: names in these versions to names of today; the order is the same."""

RENAMED_TRAINING = {
    "least_steps": "min_steps",
    "most_steps": "max_steps",
    "doubt": "shrinkage",
    "distance_share": "interpolation_weight",
}


def nest_model_card(flat: dict[str, Any]) -> dict[str, Any]:
    """The content of a `model.json` of version 1 or 2, nested."""
    training = _rename_keys(flat.get("training"), RENAMED_TRAINING)
    columns = _rename_keys(flat.get("columns"), {"ids": "id_columns", "time": "time_column"})
    nested = flat | {
        "source": {name: flat[name] for name in ("data", "read_options") if name in flat} | columns,
        "encoding": _nest_encoding(flat),
        "training": training | {"settings": training},
    }
    if isinstance(flat.get("scores"), dict):
        nested["scores"] = {name: _nest_scores(scores) for name, scores in flat["scores"].items()}
    if flat.get("calibration") == {}:
        nested["calibration"] = None
    return nested


def nest_base_card(flat: dict[str, Any]) -> dict[str, Any]:
    """The content of a `card.json` without a format version, nested."""
    pretraining = _rename_keys(flat.get("pretraining"), {"MASE": "scores"})
    return flat | {"encoding": _nest_encoding(flat), "pretraining": pretraining | {"settings": pretraining}}


def _nest_encoding(flat: dict[str, Any]) -> dict[str, Any]:
    encoding = _rename_keys(flat.get("encoding"), {"bases": "candidates"})
    for name in ("channels", "candidates"):
        if isinstance(encoding.get(name), list):
            encoding[name] = [RENAMED_INPUTS.get(str(entry), entry) for entry in encoding[name]]
    return encoding


def _nest_scores(scores: Any) -> Any:
    if not isinstance(scores, dict):
        return scores
    overall = dict(scores)
    is_calibrated = "uncalibrated_coverage" not in overall
    coverage = overall.pop("coverage" if is_calibrated else "uncalibrated_coverage", {})
    return {"overall": overall, "coverage": coverage, "is_calibrated": is_calibrated}


def _rename_keys(part: Any, names: dict[str, str]) -> dict[str, Any]:
    """A copy of `part` with some keys renamed; empty where it is no object."""
    content: dict[str, Any] = part if isinstance(part, dict) else {}
    return {names.get(key, key): value for key, value in content.items()}
