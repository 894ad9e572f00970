"""Settings: their defaults, and the values that each accepts and refuses."""

from pathlib import Path

import pytest

from index.errors import BadInput
from index.settings import SETTINGS, Setting, load_settings

NUMBERS = [setting for setting in SETTINGS if isinstance(setting.parser, range)]
CHOICES = [setting for setting in SETTINGS if isinstance(setting.parser, tuple)]


def _refused(setting: Setting, text: str) -> bool:
    try:
        load_settings({setting.variable: text})
    except BadInput as error:
        return str(error).startswith(f"{setting.variable}={text!r}: must be ")
    return False


def test_a_range_accepts_whole_numbers_within_its_bounds() -> None:
    setting = Setting("port", "8000", "Port.", range(1, 65535 + 1))
    assert (setting.variable, setting.allowed) == ("SEEALSO_PORT", "1 to 65535")
    assert [setting.parse(text) for text in ("1", "8000", "65535")] == [1, 8000, 65535]
    for text in ("0", "65536", "-1", "many", "1.5", " ", ""):
        with pytest.raises(BadInput) as refusal:
            setting.parse(text)
        message = f"SEEALSO_PORT={text!r}: must be a whole number from 1 to 65535"
        assert str(refusal.value) == message


def test_choices_accept_exactly_their_texts() -> None:
    setting = Setting("backend", "auto", "What computes.", ("auto", "torch"))
    assert setting.allowed == "auto, torch"
    assert [setting.parse(text) for text in ("auto", "torch")] == ["auto", "torch"]
    for text in ("gpu", "AUTO", " ", ""):
        with pytest.raises(BadInput) as refusal:
            setting.parse(text)
        assert str(refusal.value) == f"SEEALSO_BACKEND={text!r}: must be one of auto, torch"


def test_the_error_of_a_function_gets_the_name_of_the_variable() -> None:
    def even(text: str) -> int:
        if int(text) % 2:
            raise ValueError("must be even")
        return int(text)

    setting = Setting("pairs", "2", "Pairs.", even)
    assert (setting.allowed, setting.parse("4")) == ("", 4)
    with pytest.raises(BadInput) as refusal:
        setting.parse("3")
    assert str(refusal.value) == "SEEALSO_PAIRS: must be even"


def test_every_declared_range_is_enforced_at_both_ends() -> None:
    assert len(NUMBERS) >= 13
    for setting in NUMBERS:
        assert isinstance(setting.parser, range)
        low, high = setting.parser[0], setting.parser[-1]
        for value in (low, high):
            found = load_settings({setting.variable: str(value)})
            assert getattr(found, setting.name) == value
        assert not [value for value in (low - 1, high + 1) if not _refused(setting, str(value))]


def test_every_declared_choice_is_accepted_and_others_are_refused() -> None:
    assert {setting.name for setting in CHOICES} == {"backend", "precision", "sitemap"}
    for setting in CHOICES:
        assert isinstance(setting.parser, tuple)
        for choice in setting.parser:
            assert getattr(load_settings({setting.variable: choice}), setting.name) == choice
        assert _refused(setting, "gpu")


def test_every_setting_has_a_help_sentence() -> None:
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert len(setting.help) <= 96, setting.name


def test_the_defaults_are_those_of_the_declaration() -> None:
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
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(BadInput, match="like https://example"):
        load_settings({"SEEALSO_CORS_ORIGINS": origin})


@pytest.mark.parametrize("token", ["té", "words ", "line\n"])
def test_a_token_that_no_header_can_contain_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(BadInput, match="SEEALSO_TOKEN") as refused:
        load_settings({"SEEALSO_TOKEN": token})
    assert token not in str(refused.value)


def test_an_override_wins_unless_it_is_none(tmp_path: Path) -> None:
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
