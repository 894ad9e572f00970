"""The pages' templates, with autoescape: abstracts are strangers' text."""

from pathlib import Path

from fastapi.templating import Jinja2Templates

templates = Jinja2Templates(Path(__file__).parent / "templates")
