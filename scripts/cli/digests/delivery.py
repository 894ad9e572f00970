"""Deliver a digest: print it, write it to a file, or pass it to a command that sends mail."""

import shlex
import subprocess
from pathlib import Path

import click

from index.errors import BadInput, Unavailable
from index.files import to_write_error, write_file

_MAX_SECONDS = 300  # of a command; a network that does not answer must not hold a digest for ever
_MAX_SHOWN = 300  # characters of what a command writes


def deliver(content: bytes, output: Path | None, command: str | None) -> None:
    """Write the content to a file in one step, or to the input of a command, or print it.

    Raises NotWritable, NoSpaceLeft or BadInput for the file, and what `send` raises.
    """
    if output is not None:
        try:
            write_file(output, content, private=False)
        except OSError as error:
            raise to_write_error(error, output) from error
    elif command is not None:
        send(content, command)
    else:
        click.echo(content, nl=False)


def send(content: bytes, command: str, seconds: float = _MAX_SECONDS) -> None:
    """Pass the content to a command; raises BadInput if there is none, Unavailable if it fails.

    A command that has not ended after so many seconds is killed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadInput(f"--send {command!r} is no command: {error}") from error
    if not words:
        raise BadInput("--send is empty: give a command such as '/usr/sbin/sendmail -t'")
    try:
        done = subprocess.run(
            words, input=content, capture_output=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(
            f"{words[0]} did not end within {seconds:g} seconds and was killed: the digest may not "
            "have been sent; run the same command again"
        ) from error
    except OSError as error:
        raise BadInput(
            f"--send: {words[0]} cannot be started ({error.strerror}): give the whole path of a "
            "program that sends the mail on its input, such as '/usr/sbin/sendmail -t'"
        ) from error
    if done.returncode:
        how = f"ended with exit code {done.returncode}"
        if done.returncode < 0:
            how = f"was ended by signal {-done.returncode}"
        said = " ".join((done.stderr or done.stdout).decode(errors="replace").split())[:_MAX_SHOWN]
        raise Unavailable(
            f"{words[0]} {how}: {said or 'it wrote nothing'}. The "
            "digest was not sent; run the same command again"
        )
