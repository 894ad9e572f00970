"""A digest as a mail: what mail programs and servers require, whatever titles and addresses say."""

import email
import re
import socket
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.utils import getaddresses

import pytest

from api.digests.mail import Envelope, digest_mail
from index.digests.digest import Digest
from index.errors import BadInput
from tests.api.digests.made import PAPER, made_digest
from tests.api.digests.test_forms import HOSTILE_PAPERS

ADA = ("Ada Lovelace <ada@example.org>",)


def sent(digest: Digest, *to: str, sender: str | None = None, name: str = "my.bib") -> bytes:
    return digest_mail(digest, Envelope.parse(to or ADA, sender), name)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=policy.strict)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert part.defects == []
    return message


def test_a_mail_has_two_parts_and_the_headers_of_an_automatic_message() -> None:
    message = parsed(sent(made_digest([PAPER])))
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["From"] == "seealso <ada@example.org>"
    assert message["Subject"] == "1 new paper near 1 papers of my.bib, 2026-03-03"
    assert message["Date"] == "Tue, 03 Mar 2026 07:00:00 +0000"
    assert re.fullmatch(r"<[^<>@\s]+@example\.org>", message["Message-ID"].strip())
    assert message["List-Id"] == "<my-bib.seealso-digest.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    plain, page = message.iter_parts()
    assert [plain.get_content_type(), page.get_content_type()] == ["text/plain", "text/html"]
    assert plain.get_content().startswith("1 new paper since 2026-03-02\n")
    assert "É costs 5%" in plain.get_content()
    assert page.get_content().startswith("<!doctype html>")
    assert "É costs 5%" in page.get_content()


def test_two_mails_have_different_ids() -> None:
    first, second = (parsed(sent(made_digest([PAPER])))["Message-ID"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("papers", [[PAPER], HOSTILE_PAPERS])
def test_a_mail_is_ascii_in_short_lines(papers: list[object]) -> None:
    """Servers without 8BITMIME accept it; RFC 5322 allows 998 characters, and recommends 78."""
    content = sent(made_digest(papers))  # type: ignore[arg-type]
    assert content.isascii()
    assert b"\r" not in content
    assert max(map(len, content.splitlines())) <= 78


def test_no_title_and_no_name_adds_a_header_or_a_part() -> None:
    digest = made_digest(HOSTILE_PAPERS)
    hostile = "x\r\nBcc: all@example.org\r\n\r\n<script>"
    groups = [replace(digest.groups[0], title=hostile)]
    message = parsed(sent(replace(digest, groups=groups), name=hostile))
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    }
    assert len(list(message.walk())) == 3
    assert "\n" not in message["Subject"]
    assert message["List-Id"] == "<x-bcc-all-example-org-script.seealso-digest.example.org>"


@pytest.mark.parametrize("name", ["***", "", "日本語"])
def test_a_name_without_letters_still_gives_a_list_id(name: str) -> None:
    message = parsed(sent(made_digest([PAPER]), name=name))
    assert message["List-Id"] == "<papers.seealso-digest.example.org>"


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (["ada@example.org"], ["ada@example.org"]),
        (["Ada <ada@example.org>, bob@example.net"], ["ada@example.org", "bob@example.net"]),
        (["ada@example.org", "bob@example.net"], ["ada@example.org", "bob@example.net"]),
        (['"Lovelace, Ada" <ada+arxiv@example.org>'], ["ada+arxiv@example.org"]),
        (["Jürgen Groß <j@example.org>"], ["j@example.org"]),
        (["root@localhost"], ["root@localhost"]),
        (["Dr. J. Smith <j@example.org>"], ["j@example.org"]),
    ],
)
def test_recipients(to: list[str], expected: list[str]) -> None:
    message = parsed(sent(made_digest([PAPER]), *to))
    assert [address.addr_spec for address in message["To"].addresses] == expected


def test_names_of_people_survive() -> None:
    message = parsed(sent(made_digest([PAPER]), 'Jürgen "J" Groß <j@example.org>', *ADA))
    assert [one.display_name for one in message["To"].addresses] == [
        "Jürgen J Groß",
        "Ada Lovelace",
    ]


LONG_DOMAIN = f"{'department-of-theoretical-physics.' * 3}example.org"


@pytest.mark.parametrize("name", ["Ada", "Jürgen", "Ä" * 60, "日本 " * 30, '"Lovelace, Ada"'])
def test_long_addresses_and_names_stay_apart(name: str) -> None:
    """Filters and servers read these headers without decoding them."""
    to = (f"ada@{LONG_DOMAIN}", f"{name} <bob@example.net>", f"{name} <c@{LONG_DOMAIN}>")
    content = sent(made_digest([PAPER]), *to, name="long-name-" * 20)
    message = parsed(content)
    addresses = ["bob@example.net", f"c@{LONG_DOMAIN}"]
    assert [one.addr_spec for one in message["To"].addresses][1:] == addresses
    # Python's parser keeps the blank between two encoded words.
    names = {one.display_name.replace(" ", "") for one in message["To"].addresses[1:]}
    assert names == {name.strip('"').replace(" ", "")}
    raw = email.message_from_bytes(content)  # does not decode
    assert [one for _, one in getaddresses([raw["To"]])][1:] == addresses
    label = ("long-name-" * 20)[:60].strip("-")
    assert raw["List-Id"] == f"<{label}.seealso-digest.{LONG_DOMAIN}>"
    words = re.findall(r"=\?.*?\?=", raw["To"])
    assert max(map(len, words), default=0) <= 75


def test_without_a_recipient_the_mail_is_for_the_user_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setattr(socket, "gethostname", lambda: "analytical-engine")
    envelope = Envelope.parse((), None)
    assert [one.addr_spec for one in envelope.to] == ["ada@analytical-engine"]
    assert envelope.sender.addr_spec == "ada@analytical-engine"


def test_a_sender_may_be_given() -> None:
    message = parsed(sent(made_digest([PAPER]), sender="Papers <papers@example.net>"))
    assert message["From"] == "Papers <papers@example.net>"
    assert message["Message-ID"].strip().endswith("@example.net>")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "ada",
        "ada@",
        "@example.org",
        "ada@exam ple.org",
        "ada@example..org",
        "ada@-example.org",
        "a..da@example.org",
        ".ada@example.org",
        "ada@example.org\nBcc: all@example.org",
        "ada@example.org\r\n\r\nText",
        "ada@example.org\x00",
        "<ada@example.org",
        "ada@example.org>, <",
        "ada@bücher.example",
        "jürgen@example.org",
        "Ada <ada@example.org> <bob@example.org>",
        "a@" + "x" * 300,
        "undisclosed-recipients:;",
    ],
)
def test_a_wrong_address_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(BadInput, match="write it like me@example") as raised:
        Envelope.parse([text], None)
    assert len(str(raised.value)) < 300
    assert "\n" not in str(raised.value)
    with pytest.raises(BadInput):
        Envelope.parse(ADA, text)


def test_two_senders_are_refused() -> None:
    with pytest.raises(BadInput, match="--from has 2 addresses"):
        Envelope.parse(ADA, "a@example.org, b@example.org")


def test_a_machine_without_a_name_of_the_user_needs_a_recipient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(socket, "gethostname", lambda: "a_host")
    with pytest.raises(BadInput, match="give --to ADDRESS"):
        Envelope.parse((), None)
    monkeypatch.setattr("getpass.getuser", fail)
    with pytest.raises(BadInput, match=r"no such user.*give --to ADDRESS"):
        Envelope.parse((), None)
