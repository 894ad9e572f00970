"""The settings, as data: name, default, help; `name` is the variable `SEEALSO_NAME`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import BadInput
from index.milvus_address import MilvusAddress


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, its default as it would be written in the environment, and its help."""

    name: str
    default: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"SEEALSO_{self.name.upper()}"


def _default_data_folder() -> Path:
    """`data/` of a checkout; elsewhere the user's data folder, by the XDG base directory rules."""
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "data"
    share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share) / "seealso"


PACKAGED_MODEL = "all-MiniLM-L6-v2"

SETTINGS = (
    Setting("data", "", "The data folder. Empty: data/ of the checkout, or ~/.local/share/seealso"),
    Setting(
        "model",
        PACKAGED_MODEL,
        "The sentence-transformers model: the packaged default, a folder, or a name on the hub",
    ),
    Setting(
        "backend",
        "auto",
        "What computes vectors. auto: torch where there is a GPU, else openvino, else torch",
        ("auto", "openvino", "torch"),
    ),
    Setting(
        "precision",
        "auto",
        "Arithmetic of the vectors. auto: bf16 where openvino and the processor have it",
        ("auto", "bf16", "f32"),
    ),
    Setting("max_length", "512", "Tokens of a text that the model reads; the rest is cut"),
    Setting("exact_up_to", "50000", "Papers up to which search is exact; beyond, partitioned"),
    Setting(
        "index",
        "",
        "Where vectors lie. Empty: FAISS, in each release; else Milvus: milvus://HOST:PORT/NAME",
    ),
    Setting("keep_releases", "2", "How many index releases stay on disk"),
    Setting("keep_dumps", "0", "Dumps for re-users that nights write and keep; 0: they write none"),
    Setting("host", "127.0.0.1", "The address that `serve` and `mcp --http` listen on"),
    Setting("port", "8000", "The port that `seealso serve` listens on"),
    Setting("workers", "1", "Processes that `seealso serve` answers with"),
    Setting("max_body", "10000000", "Bytes that the body of a request may have"),
    Setting("request_timeout", "30", "Seconds within which a request is read and answered"),
    Setting("text_queue", "4", "Free texts that may wait for the model; more are refused"),
    Setting("rate_limit", "0", "Requests a minute that one client may make; 0: any number"),
    Setting("cors_origins", "", "Origins whose scripts may ask, with commas; *: any; empty: none"),
    Setting("token", "", "What a client must send to write over HTTP; empty: nobody may"),
    Setting("arxiv_api", "https://export.arxiv.org", "Base address of arXiv's query API"),
    Setting("oai", "https://oaipmh.arxiv.org/oai", "Address of arXiv's OAI-PMH server"),
    Setting("sets", "", "OAI sets to follow, with commas, like cs:cs:CL; empty: all of arXiv"),
    Setting("holidays", "", "File of arXiv's holidays, a date a line; empty: the bundled one"),
    Setting("timeout", "120", "Seconds within which a source must have answered a request"),
    Setting("pause", "3", "Seconds between requests; fewer than 3 towards loopback addresses only"),
    Setting("refusals", "6", "Refusals and failures of a source after which a run gives up"),
    Setting("contact", "", "An address for arXiv to reach you, sent in the User-Agent"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force."""

    data: Path
    model: str
    backend: str
    precision: str
    max_length: int
    exact_up_to: int
    index: MilvusAddress | None
    keep_releases: int
    keep_dumps: int
    host: str
    port: int
    workers: int
    max_body: int
    request_timeout: int
    text_queue: int
    rate_limit: int
    cors_origins: tuple[str, ...]
    token: str = field(repr=False)
    arxiv_api: str
    oai: str
    sets: tuple[str, ...]
    holidays: Path | None
    timeout: int
    pause: int
    refusals: int
    contact: str


def load_settings(environment: Mapping[str, str], **overrides: str | None) -> Settings:
    """Read the settings from the environment; an override that is not None wins.

    Raises BadInput for a value that its setting does not admit.
    """
    text = {
        setting.name: overrides.get(setting.name)
        or environment.get(setting.variable)
        or setting.default
        for setting in SETTINGS
    }
    for setting in SETTINGS:
        if setting.choices and text[setting.name] not in setting.choices:
            raise BadInput(
                f"{setting.variable}={text[setting.name]!r}: must be one of "
                + ", ".join(setting.choices)
            )
    return Settings(
        data=Path(text["data"]).expanduser() if text["data"] else _default_data_folder(),
        model=text["model"],
        backend=text["backend"],
        precision=text["precision"],
        max_length=_number(text, "max_length", 16, 8192),
        exact_up_to=_number(text, "exact_up_to", 0, 10**9),
        index=MilvusAddress.parse(text["index"]) if text["index"] else None,
        keep_releases=_number(text, "keep_releases", 1, 1000),
        keep_dumps=_number(text, "keep_dumps", 0, 1000),
        host=text["host"],
        port=_number(text, "port", 1, 65535),
        workers=_number(text, "workers", 1, 1000),
        max_body=_number(text, "max_body", 1_000, 10**9),
        request_timeout=_number(text, "request_timeout", 1, 3600),
        text_queue=_number(text, "text_queue", 0, 1000),
        rate_limit=_number(text, "rate_limit", 0, 10**6),
        cors_origins=_origins(_listed(text["cors_origins"])),
        token=_token(text["token"]),
        arxiv_api=text["arxiv_api"].rstrip("/"),
        oai=text["oai"].rstrip("/"),
        sets=_listed(text["sets"]),
        holidays=Path(text["holidays"]).expanduser() if text["holidays"] else None,
        timeout=_number(text, "timeout", 1, 3600),
        pause=_number(text, "pause", 0, 3600),
        refusals=_number(text, "refusals", 0, 1000),
        contact=text["contact"],
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Origins as browsers send them (RFC 6454, section 7); another spelling would match none."""
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", origin):
            raise BadInput(
                f"SEEALSO_CORS_ORIGINS: {origin!r} must be * or an origin in small letters with "
                "nothing after host and port, like https://example.org"
            )
    return origins


def _token(text: str) -> str:
    """A token as a header can bear it; the message does not tell it."""
    if not re.fullmatch(r"[ -~]*", text) or text != text.strip():
        raise BadInput("SEEALSO_TOKEN: must be printable ASCII, without spaces at its ends")
    return text


def _number(text: Mapping[str, str], name: str, low: int, high: int) -> int:
    try:
        value = int(text[name])
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise BadInput(
            f"SEEALSO_{name.upper()}={text[name]!r}: must be a whole number from {low} to {high}"
        )
    return value
