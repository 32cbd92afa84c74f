"""Figures that others have published for the test parts of this folder, as they were published."""

from dataclasses import dataclass

__all__ = ["PUBLISHED", "Published"]


@dataclass(frozen=True)
class Published:
    """What others reached where we have a figure: of `suite` in `results/SOURCE.json`, by the `metrics` named.

    `way` names our figure that needs no training. `figures` are by model, one for each metric or the first ones only.
    """

    label: str
    source: str
    suite: str
    metrics: tuple[str, ...]
    figures: dict[str, tuple[float, ...]]
    way: str = "base"


def _list_hours(hours: int, **figures: float) -> Published:
    named: dict[str, tuple[float, ...]] = {name: (value,) for name, value in figures.items()}
    return Published(f"ETTh1, {hours} hours ahead, MSE", "long_horizon", str(hours), ("MSE",), named)


PUBLISHED = (
    Published("M3 yearly, MASE", "accuracy", "yearly", ("MASE",), {"AutoTheta": (2.610,), "TiRex": (2.710,)}),
    Published("M3 quarterly, MASE", "accuracy", "quarterly", ("MASE",), {"AutoTheta": (1.119,), "TiRex": (1.154,)}),
    Published("M3 monthly, MASE", "accuracy", "monthly", ("MASE",), {"TiRex": (0.831,), "AutoETS": (0.863,)}),
    Published(
        "M4 hourly, MASE; published: all series",
        "accuracy",
        "m4_hourly",
        ("MASE",),
        {
            "TiRex": (0.722,),
            "FlowState": (0.731,),
            "Chronos-2": (0.788,),
            "best M4 entry": (0.801,),
            "ES-RNN": (0.893,),
        },
    ),
    Published(
        "M4 weekly, MASE; published: all series",
        "accuracy",
        "m4_weekly",
        ("MASE",),
        {"TiRex": (1.990,), "Chronos-2": (2.026,), "FFORMA": (2.108,), "ES-RNN": (2.356,)},
    ),
    Published(
        "power price, Nord Pool, with covariates, MASE / SQL",
        "covariates",
        "epf_np",
        ("MASE", "SQL"),
        {
            "TiRex-2": (0.796, 0.612),
            "PatchTST": (0.806, 0.635),
            "Chronos-2": (0.850, 0.658),
            "TFT": (0.859, 0.690),
            "DeepAR": (0.995, 0.817),
            "LightGBM": (1.302,),
        },
    ),
    Published(
        "power price, Germany, with covariates, MASE / SQL",
        "covariates",
        "epf_de",
        ("MASE", "SQL"),
        {
            "PatchTST": (0.573, 0.460),
            "Chronos-2": (0.604, 0.491),
            "TiRex-2": (0.610, 0.488),
            "TFT": (0.656, 0.509),
            "DeepAR": (0.757, 0.632),
            "LightGBM": (1.096,),
        },
    ),
    _list_hours(96, SegRNN=0.351, PatchTST=0.370, CycleNet=0.374),
    _list_hours(192, SegRNN=0.392, CycleNet=0.407, PatchTST=0.413),
    _list_hours(336, PatchTST=0.422, SegRNN=0.423, CycleNet=0.431),
    _list_hours(720, PatchTST=0.447, CycleNet=0.451, SegRNN=0.466),
)
"""M3 and M4: results of fev, of GIFT-Eval and of the M4 competition. Power prices: the same covariates, on the same 20
days. ETTh1: each trained for its horizon."""
