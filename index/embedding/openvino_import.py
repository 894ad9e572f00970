"""Import OpenVINO without its usage statistics."""

import sys
from types import ModuleType


def import_openvino() -> ModuleType:
    """Import and return `openvino`; raises ImportError if it is missing or cannot be loaded.

    Importing openvino sends an event to a web analytics service, from a forked process, unless the
    user has opted out. openvino replaces `openvino_telemetry` by a stub if that cannot be imported.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    module: ModuleType = openvino
    return module
