"""A digest as a mail: a complete message (RFC 5322) with a plain and an HTML part."""

import getpass
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import ObsoleteHeaderDefect
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from email.utils import format_datetime, formataddr, make_msgid
from typing import Any

from api.digests.page import digest_page
from api.digests.text import digest_text
from api.digests.wording import subject
from index.digests.digest import Digest
from index.errors import BadInput

_NAME = "seealso"
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", re.ASCII)
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*",
    re.ASCII,
)
_BETWEEN = ",\n "  # two recipients
_EXAMPLE = "write it like me@example.org or Ada Lovelace <ada@example.org>"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who gets a mail, and whom it is from."""

    to: tuple[Address, ...]
    sender: Address

    @classmethod
    def parse(cls, to: Sequence[str], sender: str | None) -> "Envelope":
        """Read addresses as users write them; raises BadInput if one is not valid.

        Without a recipient, the mail is for the user of this machine who runs the program, as mails
        of cron are. Without a sender, it is from the first recipient, under the name "seealso":
        mail servers accept the address of their own user.
        """
        recipients = tuple(address for one in to for address in _addresses(one, "--to"))
        if not recipients:
            recipients = (_local_address(),)
        first = recipients[0]
        senders = _addresses(sender, "--from") if sender is not None else []
        if len(senders) > 1:
            raise BadInput(f"--from has {len(senders)} addresses: give one")
        own = Address(_NAME, first.username, first.domain)
        return cls(recipients, senders[0] if senders else own)


def digest_mail(digest: Digest, envelope: Envelope, name: str) -> bytes:
    """Return a digest as a message with line feeds, as sendmail reads it.

    `name` identifies the digest among others of the same user: mail programs can sort by the header
    List-Id, which has it.
    """
    message = EmailMessage(_Policy())
    message["From"] = envelope.sender
    message["To"] = envelope.to
    message["Subject"] = subject(digest)
    message["Date"] = format_datetime(digest.made)
    message["Message-ID"] = make_msgid("seealso-digest", envelope.sender.domain)
    message["List-Id"] = f"<{_label(name)}.seealso-digest.{envelope.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest_text(digest), cte="quoted-printable")
    message.add_alternative(digest_page(digest), subtype="html", cte="quoted-printable")
    return message.as_bytes()


class _Policy(EmailPolicy):
    """The default policy, but it writes addresses and List-Id itself.

    When Python's folds a long line, it encodes a List-Id by RFC 2047, which filters do not decode,
    and before 3.11.9 even the comma between two recipients.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header in lines."""
        if name in ("From", "To"):
            text = _BETWEEN.join(map(_written, value.addresses))
        elif name == "List-Id":
            text = str(value)
        else:
            folded: bytes = super().fold_binary(name, value)
            return folded
        return f"{name}: {text}\n".encode("ascii")


def _written(address: Address) -> str:
    """Return an address in ASCII, a long name in several lines."""
    if address.display_name.isascii():
        return formataddr((address.display_name, address.addr_spec))
    return f"{Header(address.display_name, 'utf-8', 70).encode()} <{address.addr_spec}>"


def _label(name: str) -> str:
    """Return a name as the first label of a List-Id."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-") or "papers"


def _addresses(text: str, option: str) -> list[Address]:
    """Return the addresses of a text, separated by commas; raises BadInput."""
    wrong = BadInput(f"{option}: {text[:80]!r} is no mail address: {_EXAMPLE}")
    if not text.isprintable():  # a line break would begin another header
        raise wrong
    try:
        header = default.header_factory("To", text)
    except IndexError as error:  # of the parser in Python, for unpaired brackets
        raise wrong from error
    is_wrong = any(not isinstance(one, ObsoleteHeaderDefect) for one in header.defects)
    if is_wrong or not (header.addresses and all(map(_is_ascii_address, header.addresses))):
        raise wrong
    return list(header.addresses)


def _is_ascii_address(address: Address) -> bool:
    """Return whether an address can be used without the extension SMTPUTF8."""
    return bool(_LOCAL_PART.fullmatch(address.username) and _DOMAIN.fullmatch(address.domain))


def _local_address() -> Address:
    """Return the address of this user on this machine; raises BadInput if there is none."""
    try:
        local = f"{getpass.getuser()}@{socket.gethostname()}"
        return _addresses(local, "--to")[0]
    except (OSError, KeyError, BadInput) as error:
        raise BadInput(
            f"this user has no mail address on this machine ({error}): give --to ADDRESS"
        ) from error
