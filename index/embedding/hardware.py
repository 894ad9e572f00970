"""What this machine can compute with, found out without loading torch."""

import ctypes
import platform
from functools import cache
from importlib.util import find_spec


@cache
def has_openvino() -> bool:
    """Whether the fast CPU route is installed; its wheels do not exist for every platform."""
    return find_spec("openvino") is not None


@cache
def has_bf16() -> bool:
    """Whether openvino finds bfloat16 arithmetic in the processor."""
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@cache
def has_gpu() -> bool:
    """Whether torch would find a GPU: one of Nvidia's by its driver, or Apple's by its machines."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    devices = ctypes.c_int(0)
    found = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(devices)) == 0
    return found and devices.value > 0
