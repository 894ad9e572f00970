"""Detect what this machine can compute with, without importing torch."""

import ctypes
import platform
from functools import cache
from importlib.util import find_spec

from index.embedding.openvino_import import import_openvino


@cache
def has_openvino() -> bool:
    """Return whether OpenVINO is installed; it has no wheels for some platforms."""
    return find_spec("openvino") is not None


@cache
def has_bf16() -> bool:
    """Return whether OpenVINO can use bfloat16 (bf16) arithmetic of the processor."""
    return "BF16" in import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@cache
def has_gpu() -> bool:
    """Return whether torch can use a GPU: NVIDIA (if its driver reports one) or Apple silicon."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    devices = ctypes.c_int(0)
    succeeded = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(devices)) == 0
    return succeeded and devices.value > 0
