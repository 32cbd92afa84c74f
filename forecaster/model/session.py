"""Run the trained network with ONNX Runtime, which only this module imports."""

import os
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from forecaster.errors import ConfigurationError

# ONNX Runtime reads it once, when first imported; without it, it keeps a device id and a database of events in the
# home folder, and sends them to its vendor
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

# if another package imported it first, its start was reported already; models are not reported after this call
onnxruntime.disable_telemetry_events()

__all__ = ["NetworkSession", "open_session"]

FATAL_ONLY = 4
FEW_WINDOWS = 16
"""Windows whose states fit into the cache of a core; of hundreds at once each takes 1.7 times as long."""
OUT_OF_MEMORY = ("bad_alloc", "Failed to allocate")
"""Texts in the errors of ONNX Runtime when there is no memory left."""


class NetworkSession:
    """Runs a network from `build_graph` on the thread that calls it; several threads may do so at once.

    Threads of its own would wait for each other at each of the many steps of time.
    """

    def __init__(self, network: bytes) -> None:
        self._network = network
        self._session = open_session(network)
        self._inputs = [value.name for value in self._session.get_inputs()]

    def __reduce__(self) -> tuple[type["NetworkSession"], tuple[bytes]]:
        # a session of ONNX Runtime cannot be pickled; its network can
        return NetworkSession, (self._network,)

    def run(self, inputs: NDArray[np.float32], candidates: NDArray[np.float32]) -> NDArray[np.float32]:
        """Quantiles in noise scales above the level, [batch, horizon, quantile]; see `StackedLSTM.forward`.

        Raises MemoryError where there is not enough memory, ConfigurationError where a quantile is not finite.
        """
        try:
            parts = [
                self._run_few(inputs[begin : begin + FEW_WINDOWS], candidates[begin : begin + FEW_WINDOWS])
                for begin in range(0, max(len(inputs), 1), FEW_WINDOWS)
            ]
        except Exception as error:  # as above
            if any(sign in str(error) for sign in OUT_OF_MEMORY):
                raise MemoryError from error
            raise
        quantiles = np.concatenate(parts)
        # finite weights may be too large to compute with
        if not np.isfinite(quantiles).all():
            raise ConfigurationError(
                "network.onnx gives forecasts that are not finite numbers: the model folder is broken. "
                "Train again, or copy the folder again."
            )
        return quantiles

    def _run_few(self, inputs: NDArray[np.float32], candidates: NDArray[np.float32]) -> NDArray[np.float32]:
        given = dict(zip(self._inputs, (inputs, candidates), strict=True))
        return cast(NDArray[np.float32], self._session.run(["quantiles"], given)[0])


@lru_cache(maxsize=2)  # a training opens the base model several times
def open_session(network: bytes) -> onnxruntime.InferenceSession:
    """Open a network. Raises ConfigurationError where it is none; a session may be shared, as it keeps nothing."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    # memory that the arena keeps counts against the container's limit
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common base class
        raise ConfigurationError(
            "network.onnx cannot be opened: the model folder is broken. Train again, or copy the folder again."
        ) from error
