"""Renew docs/openapi.json, the description of the REST operations.

    python -m scripts.write_openapi

A test says when it is due.
"""

import json
from pathlib import Path

from api.app import create_app
from index.settings import load_settings

PATH = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def openapi_text() -> str:
    """The description as it stands in the file; it is the same over any data."""
    description = create_app(load_settings({})).openapi()
    return json.dumps(description, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(openapi_text(), encoding="utf-8")
