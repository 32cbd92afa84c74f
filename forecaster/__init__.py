"""Time-series forecasts with honest intervals from a stacked LSTM."""

__version__ = "0.1.0"
