"""Settings: what they are by default, and what each refuses."""

from pathlib import Path

import pytest

from index.errors import BadInput
from index.settings import SETTINGS, load_settings

_NUMBERS = {
    "max_length": (16, 8192),
    "exact_up_to": (0, 10**9),
    "keep_releases": (1, 1000),
    "port": (1, 65535),
    "workers": (1, 1000),
    "max_body": (1_000, 10**9),
    "request_timeout": (1, 3600),
    "text_queue": (0, 1000),
    "rate_limit": (0, 10**6),
    "timeout": (1, 3600),
    "pause": (0, 3600),
    "refusals": (0, 1000),
}
_BAD_NUMBERS = [
    (name, value)
    for name, (low, high) in _NUMBERS.items()
    for value in (str(low - 1), str(high + 1), "many", "1.5", " ")
]
_BAD_CHOICES = [(s.name, value) for s in SETTINGS if s.choices for value in ("gpu", "AUTO", " ")]


def test_the_defaults_are_those_of_the_table() -> None:
    settings = load_settings({})
    for setting in SETTINGS:
        if setting.default:
            assert str(getattr(settings, setting.name)) == setting.default
    assert settings.data == Path(__file__).parents[2] / "data"
    assert (settings.contact, settings.sets, settings.holidays) == ("", (), None)


def test_sets_are_split_at_commas() -> None:
    settings = load_settings({"SEEALSO_SETS": "cs:cs:CL, cs:cs:LG,"})
    assert settings.sets == ("cs:cs:CL", "cs:cs:LG")


def test_origins_are_split_at_commas_and_written_as_browsers_send_them() -> None:
    settings = load_settings({"SEEALSO_CORS_ORIGINS": "https://example.org, http://[::1]:3000"})
    assert settings.cors_origins == ("https://example.org", "http://[::1]:3000")
    assert load_settings({"SEEALSO_CORS_ORIGINS": "*"}).cors_origins == ("*",)


@pytest.mark.parametrize(
    "origin", ["example.org", "https://example.org/", "https://Example.org", "ftp://a", "null"]
)
def test_what_no_browser_sends_as_an_origin_is_refused(origin: str) -> None:
    with pytest.raises(BadInput, match="like https://example"):
        load_settings({"SEEALSO_CORS_ORIGINS": origin})


@pytest.mark.parametrize("token", ["té", "words ", "line\n"])
def test_a_token_that_no_header_bears_is_refused_and_not_told(token: str) -> None:
    with pytest.raises(BadInput, match="SEEALSO_TOKEN") as refused:
        load_settings({"SEEALSO_TOKEN": token})
    assert token not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [*_BAD_NUMBERS, *_BAD_CHOICES])
def test_a_bad_value_is_refused_by_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"SEEALSO_{name.upper()}="):
        load_settings({f"SEEALSO_{name.upper()}": value})


@pytest.mark.parametrize("name", _NUMBERS)
def test_both_ends_of_a_range_are_admitted(name: str) -> None:
    for value in _NUMBERS[name]:
        found = load_settings({f"SEEALSO_{name.upper()}": str(value)})
        assert getattr(found, name) == value


def test_every_choice_is_admitted() -> None:
    for setting in SETTINGS:
        for choice in setting.choices:
            assert getattr(load_settings({setting.variable: choice}), setting.name) == choice


def test_an_override_wins_and_none_leaves_the_environment_to_speak(tmp_path: Path) -> None:
    environment = {"SEEALSO_DATA": "/elsewhere", "SEEALSO_PORT": "9000"}
    settings = load_settings(environment, data=str(tmp_path), port=None)
    assert (settings.data, settings.port) == (tmp_path, 9000)


def test_an_empty_variable_means_the_default() -> None:
    assert load_settings({"SEEALSO_PORT": ""}).port == 8000


def test_a_tilde_means_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_settings({"SEEALSO_DATA": "~/papers"}).data == Path("/home/someone/papers")


def test_the_address_of_a_source_ends_without_a_slash() -> None:
    assert load_settings({"SEEALSO_ARXIV_API": "http://host/x//"}).arxiv_api == "http://host/x"
