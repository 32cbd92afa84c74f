"""The trained network on ONNX Runtime: the one place that imports it."""

import os
from typing import cast

import numpy as np
from numpy.typing import NDArray

from forecaster.errors import ConfigurationError
from forecaster.machine import count_usable_cpus

# read once, when it is first imported; otherwise it keeps a device id and a database of events in the home folder,
# and sends them to its vendor
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

# a program that imported it before us has reported its start already; our models are not reported
onnxruntime.disable_telemetry_events()

__all__ = ["NetworkSession"]

FATAL_ONLY = 4
OUT_OF_MEMORY = ("bad_alloc", "Failed to allocate")
"""How ONNX Runtime says that there is no memory left."""


class NetworkSession:
    """Runs a network from `build_graph`; Linux threads as many as the container may use."""

    def __init__(self, network: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = count_usable_cpus()
        options.inter_op_num_threads = 1
        options.log_severity_level = FATAL_ONLY
        # what the arena keeps is counted against the container's memory
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors share no class of their own
            raise ConfigurationError(
                "network.onnx cannot be opened: the model folder is broken. Train again, or copy the folder anew."
            ) from error
        self._inputs = [value.name for value in self._session.get_inputs()]
        # earlier versions called candidate forecasts bases
        if self._inputs not in (["inputs", "candidates"], ["inputs", "bases"]):
            raise ConfigurationError("network.onnx is not a network of this program. Train again.")
        self.quantiles = self._session.get_outputs()[0].shape[2]
        """How many of them `run` gives."""

    def run(self, inputs: NDArray[np.float32], candidates: NDArray[np.float32]) -> NDArray[np.float32]:
        """Quantiles in noise scales above the level, [batch, horizon, quantile]; see `StackedLSTM.forward`.

        Raises MemoryError where there is too little for it.
        """
        given = dict(zip(self._inputs, (inputs, candidates), strict=True))
        try:
            return cast(NDArray[np.float32], self._session.run(["quantiles"], given)[0])
        except Exception as error:  # as above
            if any(sign in str(error) for sign in OUT_OF_MEMORY):
                raise MemoryError from error
            raise
