"""The command `digest`: the new papers near to a library, to papers or to queries."""

from pathlib import Path
from typing import Any

import click

from index.settings import Settings
from scripts.cli.list_arguments import FILTER_OPTIONS, MIN_SCORE, read_filters
from scripts.cli.output import file_type


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--bib",
    type=file_type,
    multiple=True,
    help="A library in BibTeX, RIS, CSL-JSON or Better BibTeX JSON; may be repeated, each has a "
    "group of its own.",
)
@click.option(
    "--query",
    multiple=True,
    help="A query as `search` takes it, such as 'sparse attention cat:cs.CL' or tag:pruning; may "
    "be repeated, each has a group of its own.",
)
@click.option(
    "--not", "disliked", multiple=True, metavar="ID", help="A disliked paper; may be repeated."
)
@click.option(
    "--since",
    default="yesterday",
    show_default=True,
    metavar="TIME",
    help="Only papers that arrived since then: yesterday, today, 2024-05-17, 36h or 7d. Days begin "
    "at 00:00 UTC. With --state, for the first digest only.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that remembers what was covered: each digest continues where the last one ended.",
)
@click.option("--limit", default=20, show_default=True, help="Number of papers of a group.")
@MIN_SCORE
@click.option(
    "--weak",
    type=click.Choice(["include", "exclude"]),
    default="exclude",
    show_default=True,
    help="Whether to list weak matches.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["mail", "text", "html", "atom", "json"]),
    default="mail",
    show_default=True,
    help="mail: a whole message with a plain and an HTML part, for `sendmail -t`.",
)
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS",
    help="Recipient of the mail; may be repeated.  [default: this user]",
)
@click.option(
    "--from", "sender", metavar="ADDRESS", help="Sender of the mail.  [default: the recipient]"
)
@click.option(
    "--send",
    metavar="COMMAND",
    help="Pass the mail to this command, such as 'sendmail -t', instead of printing it.",
)
@click.option("--empty", is_flag=True, help="Write a mail also if no paper is new.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Replace this file in one step, instead of printing.",
)
@click.pass_obj
def digest(settings: Settings, /, **given: Any) -> None:
    """Write a digest of the new papers near to a library, to papers, or to queries.

    New is what arXiv announced and this catalogue stored since a time. Each paper has its title,
    authors, day, links, score, reason and summary. If no paper is new, no mail is written.

    Example: seealso digest --bib my.bib --state digest.json --send '/usr/sbin/sendmail -t'
    """
    from scripts.cli.digests.making import DigestRequest, deliver_digest

    filters = read_filters(given)
    deliver_digest(settings, DigestRequest(**given, filters=filters))


for _option in FILTER_OPTIONS:
    digest = _option(digest)
COMMANDS = (digest,)
