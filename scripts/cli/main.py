"""The seealso program. Each command imports what it needs when it runs, so that help is quick."""

import errno
import os
import sys

import click

from index.errors import NoRoom, SeeAlsoError
from index.settings import SETTINGS, load_settings
from scripts.cli import answers, evaluate, ingest, mcp, serve, tags, update, upkeep


@click.group(
    epilog="Settings, as environment variables:\n\n\b\n"
    + "\n".join(f"{setting.variable:<22} {setting.help}" for setting in SETTINGS),
    context_settings={"max_content_width": 120},
)
@click.option("--data", type=click.Path(file_okay=False), help="The data folder.")
@click.version_option(package_name="seealso", prog_name="seealso")
@click.pass_context
def cli(context: click.Context, data: str | None) -> None:
    """Related papers for arXiv, on your own machine."""
    context.obj = load_settings(os.environ, data=data)


for _commands in (
    ingest,
    update,
    upkeep,
    answers,
    serve,
    mcp,
    tags,
    evaluate,
):
    for _command in _commands.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    """Run the program; errors become a line on standard error and an exit code."""
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit("seealso: stopped; run it again to go on")
    except SeeAlsoError as error:
        click.echo(f"seealso: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - the reader has left
        sys.exit(0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        click.echo(f"seealso: no room to write: {error}; nothing stored is lost", err=True)
        sys.exit(NoRoom.exit_code)
