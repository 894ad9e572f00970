"""The settings, declared once: the fields of `Settings` with default, help and allowed values.

A field is read from the environment variable `SEEALSO_NAME`. `SETTINGS` lists the fields for the
command line's help and for the table in docs/operating.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

from index import setting_parsers
from index.errors import BadInput
from index.milvus_address import MilvusAddress

PACKAGED_MODEL = "all-MiniLM-L6-v2"

Parser: TypeAlias = range | tuple[str, ...] | Callable[[str], Any]
"""Whole numbers of a range, one of several texts, or a function that raises ValueError."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of a setting; `default` is written as in the environment."""

    name: str
    default: str
    help: str
    parser: Parser

    @property
    def variable(self) -> str:
        """The environment variable of the setting."""
        return f"SEEALSO_{self.name.upper()}"

    @property
    def allowed(self) -> str:
        """The allowed numbers or texts; empty if a function checks the value."""
        if isinstance(self.parser, range):
            return f"{self.parser[0]} to {self.parser[-1]}"
        return ", ".join(self.parser) if isinstance(self.parser, tuple) else ""

    def parse(self, text: str) -> Any:
        """Return the value of a text; raises BadInput if it is not allowed."""
        if isinstance(self.parser, range):
            return self._number(text, self.parser)
        if isinstance(self.parser, tuple):
            if text not in self.parser:
                raise BadInput(f"{self.variable}={text!r}: must be one of {self.allowed}")
            return text
        try:
            return self.parser(text)
        except ValueError as error:
            raise BadInput(f"{self.variable}: {error}") from error

    def _number(self, text: str, allowed: range) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number not in allowed:
            raise BadInput(f"{self.variable}={text!r}: must be a whole number from {self.allowed}")
        return number


def _setting(default: str, help_text: str, parser: Parser = str) -> dict[str, Any]:
    return {"default": default, "help": help_text, "parser": parser}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of all settings; `load_settings` creates them from the environment."""

    data: Path = field(
        metadata=_setting(
            "",
            "The data folder. Empty: `data/` of the checkout, or `~/.local/share/seealso`.",
            setting_parsers.data_folder,
        )
    )
    model: str = field(
        metadata=_setting(
            PACKAGED_MODEL,
            "`all-MiniLM-L6-v2`, `all-mpnet-base-v2` (extra `mpnet`), a folder, or a Hugging Face "
            "hub name.",
        )
    )
    backend: str = field(
        metadata=_setting(
            "auto",
            "What computes vectors. `auto`: torch with a GPU, otherwise openvino if installed.",
            ("auto", "openvino", "torch"),
        )
    )
    precision: str = field(
        metadata=_setting(
            "auto",
            "Precision of the computation. `auto`: bf16 if openvino and the processor support it.",
            ("auto", "bf16", "f32"),
        )
    )
    max_length: int = field(
        metadata=_setting(
            "512",
            "Maximum number of tokens per text; the model ignores the rest.",
            range(16, 8192 + 1),
        )
    )
    exact_up_to: int = field(
        metadata=_setting(
            "50000",
            "Number of papers up to which search is exact. Larger corpora use a partitioned index.",
            range(10**9 + 1),
        )
    )
    index: MilvusAddress | None = field(
        metadata=_setting(
            "",
            "Empty: FAISS. `milvus://HOST:PORT/NAME`: vectors are in Milvus, see docs/milvus.md.",
            setting_parsers.index,
        )
    )
    instalment: int = field(
        metadata=_setting(
            "10000",
            "Papers that an update embeds before its first release; others follow at each doubling "
            "or hour.",
            range(1, 10**9 + 1),
        )
    )
    keep_releases: int = field(
        metadata=_setting("2", "Number of index releases kept on disk.", range(1, 1000 + 1))
    )
    keep_dumps: int = field(
        metadata=_setting(
            "0",
            "Number of dumps that nightly runs keep in `DATA/dumps`. 0: they write none.",
            range(1000 + 1),
        )
    )
    host: str = field(
        metadata=_setting("127.0.0.1", "Address that `serve` and `mcp --http` listen on.")
    )
    port: int = field(
        metadata=_setting(
            "8000",
            "Port that `serve` listens on; `mcp --http` has an option `--port`.",
            range(1, 65535 + 1),
        )
    )
    workers: int = field(
        metadata=_setting("1", "Number of processes of `serve`.", range(1, 1000 + 1))
    )
    max_body: int = field(
        metadata=_setting(
            "10000000", "Maximum size of a request body, in bytes.", range(1_000, 10**9 + 1)
        )
    )
    request_timeout: int = field(
        metadata=_setting(
            "30",
            "Maximum seconds to answer a request, and to finish open requests on shutdown.",
            range(1, 3600 + 1),
        )
    )
    text_queue: int = field(
        metadata=_setting(
            "4",
            "Number of free texts that may wait for the model; more are refused.",
            range(1000 + 1),
        )
    )
    rate_limit: int = field(
        metadata=_setting(
            "0",
            "Requests per minute that one client may send to one worker. 0: unlimited.",
            range(10**6 + 1),
        )
    )
    cors_origins: tuple[str, ...] = field(
        metadata=_setting(
            "",
            "Origins whose scripts may use the API, separated by commas. `*`: any. Empty: none.",
            setting_parsers.origins,
        )
    )
    sitemap: str = field(
        metadata=_setting(
            "off",
            "Whether search engines may index papers and tags, listed in `/sitemap.xml`.",
            ("off", "on"),
        )
    )
    vectors: Path | None = field(
        metadata=_setting(
            "",
            "File of `seealso vectors export` that `GET /v1/vectors` offers. Empty: none.",
            setting_parsers.file,
        )
    )
    token: str = field(
        repr=False,
        metadata=_setting(
            "",
            "Token that clients send as a Bearer token to write over HTTP. Empty: no writing.",
            setting_parsers.token,
        ),
    )
    arxiv_api: str = field(
        metadata=_setting(
            "https://export.arxiv.org",
            "Base address of arXiv's query API.",
            setting_parsers.address,
        )
    )
    oai: str = field(
        metadata=_setting(
            "https://oaipmh.arxiv.org/oai",
            "Address of arXiv's OAI-PMH server.",
            setting_parsers.address,
        )
    )
    sets: tuple[str, ...] = field(
        metadata=_setting(
            "",
            "Sets to follow, such as `cs:cs:CL`, separated by commas. Empty: see `seealso follow`.",
            setting_parsers.items,
        )
    )
    holidays: Path | None = field(
        metadata=_setting(
            "",
            "File of arXiv's holidays, one ISO date per line. Empty: the bundled one.",
            setting_parsers.file,
        )
    )
    timeout: int = field(
        metadata=_setting(
            "120", "Maximum seconds until the response of a source is complete.", range(1, 3600 + 1)
        )
    )
    pause: int = field(
        metadata=_setting(
            "3",
            "Seconds between requests to a source. Less than 3 only for loopback addresses.",
            range(3600 + 1),
        )
    )
    refusals: int = field(
        metadata=_setting(
            "6",
            "Number of failed requests to a source that a run tolerates.",
            range(1000 + 1),
        )
    )
    contact: str = field(
        metadata=_setting(
            "", "Address at which arXiv can reach you, sent in the User-Agent header."
        )
    )


SETTINGS = tuple(Setting(name=one.name, **one.metadata) for one in fields(Settings))


def load_settings(environment: Mapping[str, str], **overrides: str | None) -> Settings:
    """Read the settings from environment variables; an override that is not None wins.

        load_settings(os.environ, data="/srv/seealso")

    An empty variable means the default. Raises BadInput if a value is not allowed.
    """
    return Settings(
        **{
            setting.name: setting.parse(
                overrides.get(setting.name) or environment.get(setting.variable) or setting.default
            )
            for setting in SETTINGS
        }
    )
