"""The `seealso` command. Each subcommand imports what it needs when it runs, so help is fast."""

import errno
import os
import sys

import click

from index.errors import INTERRUPTED, NoSpaceLeft, NotWritable, SeeAlsoError, exit_codes
from index.settings import SETTINGS, load_settings
from scripts.cli import (
    answers,
    evaluate,
    follow,
    ingest,
    mcp,
    serve,
    tags,
    update,
    upkeep,
    vectors,
)
from scripts.cli.digests import digest
from scripts.cli.output import FullHelpGroup


class _Program(FullHelpGroup):
    """The whole program: its help also lists settings and exit codes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write what is the same for all commands."""
        settings = [(setting.variable, setting.help) for setting in SETTINGS]
        with formatter.section("Settings, as environment variables"):
            formatter.write_dl(settings)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in exit_codes()])


@click.group(cls=_Program, context_settings={"max_content_width": 120})
@click.option(
    "--data", type=click.Path(file_okay=False), help="Data folder (overrides SEEALSO_DATA)."
)
@click.version_option(package_name="seealso", prog_name="seealso")
@click.pass_context
def cli(context: click.Context, data: str | None) -> None:
    """Related papers and tags for arXiv, on your own machine.

    To begin: `seealso follow cs.CL --since 2026-01-01`, then `seealso serve`. With bundled
    papers instead: `seealso ingest snapshot`, then `seealso update`, then `seealso serve`.
    """
    context.obj = load_settings(os.environ, data=data)


for _commands in (
    follow,
    ingest,
    update,
    vectors,
    upkeep,
    answers,
    digest,
    serve,
    mcp,
    tags,
    evaluate,
):
    for _command in _commands.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    """Run the command line. Errors are printed on standard error and set the exit code."""
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("seealso: interrupted; run the same command again to resume", err=True)
        sys.exit(INTERRUPTED)
    except SeeAlsoError as error:
        click.echo(f"seealso: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - the reading end of the pipe closed
        sys.exit(0)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            click.echo(
                f"seealso: {error}: run the command as the owner of the file or folder, or change "
                "its permissions",
                err=True,
            )
            sys.exit(NotWritable.exit_code)
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        click.echo(
            f"seealso: the disk is full: {error}; everything already stored is intact", err=True
        )
        sys.exit(NoSpaceLeft.exit_code)
