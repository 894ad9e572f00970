"""Write docs/openapi.json, the OpenAPI description of the REST API.

    python -m scripts.write_openapi

A test fails if the file is out of date.
"""

import json
from pathlib import Path

from api.app import create_app
from index.settings import load_settings

PATH = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def openapi_text() -> str:
    """Return the content of docs/openapi.json. It does not depend on the data."""
    description = create_app(load_settings({})).openapi()
    return json.dumps(description, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(openapi_text(), encoding="utf-8")
