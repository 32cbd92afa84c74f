"""The colours of pictures, light and dark: those of Okabe and Ito, which colour-blind people can tell apart."""

from dataclasses import dataclass
from typing import Any

__all__ = ["LOOKS", "Look"]


@dataclass(frozen=True)
class Look:
    """Colours as #rrggbb: of the background, text, grid and history, of the forecast and the backtest; then others."""

    background: str
    text: str
    grid: str
    history: str
    forecast: str
    backtest: str
    others: tuple[str, ...]

    def fade(self, colour: str, share: float) -> str:
        """`share` of `colour`, the rest of the background: an interval covers the grid, so that its colour is clear."""
        parts = zip(bytes.fromhex(colour[1:]), bytes.fromhex(self.background[1:]), strict=True)
        return "#" + "".join(f"{round(share * own + (1 - share) * behind):02x}" for own, behind in parts)

    @property
    def theme(self) -> dict[str, Any]:
        """The theme of a description: nothing but a light grid, the legend below the data."""
        plain = {"name": "rect", "fill": self.background, "color": self.background, "size": 0}
        return {
            "name": "minimal",
            "legend_position": "bottom",
            "plot_margin": [14, 36, 10, 12],
            "plot_title": {"name": "text", "face": "bold", "size": 18},
            "plot_subtitle": {"name": "text", "size": 14},
            "text": {"name": "text", "color": self.text},
            "axis_text": {"name": "text", "color": self.text},
            "plot_background": plain,
            "panel_background": plain,
            "legend_background": plain,
            "strip_background": plain,
            "panel_grid_major": {"name": "line", "color": self.grid, "size": 0.7},
            "panel_grid_minor": {"name": "line", "blank": True},
            "axis_ticks": {"name": "line", "color": self.grid},
            "tooltip": {"name": "rect", "fill": self.background, "color": self.text},
            "tooltip_text": {"name": "text", "color": self.text},
            "tooltip_title_text": {"name": "text", "color": self.text},
            "axis_tooltip": {"name": "rect", "fill": self.text, "color": self.text},
            "axis_tooltip_text": {"name": "text", "color": self.background},
        }


LOOKS = {
    "light": Look(
        "#ffffff",
        "#222222",
        "#e4e4e4",
        "#222222",
        "#0072b2",
        "#d55e00",
        ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c5a2b", "#004d40", "#5d3a9b"),
    ),
    "dark": Look(
        "#15181c",
        "#e8e8e8",
        "#31373e",
        "#e8e8e8",
        "#56b4e9",
        "#e69f00",
        ("#56b4e9", "#e69f00", "#2bc79a", "#e59ac4", "#f0e442", "#7fa8d9", "#a8a8a8", "#c99a6b", "#7fd4c4", "#b79cf0"),
    ),
}
