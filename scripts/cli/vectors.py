"""Commands that exchange vectors with other catalogues: `vectors export`, `vectors import`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from index.progress import Progress
from index.settings import Settings
from scripts.cli.ingest import writing
from scripts.cli.output import FullHelpGroup, as_json_option, print_json
from scripts.cli.progress import show_steps


@click.group(cls=FullHelpGroup)
def vectors() -> None:
    """Export vectors to a file, and import those that others have computed."""


@vectors.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json_option
@click.pass_obj
def export(settings: Settings, file: Path, as_json: bool) -> None:
    """Write the vectors of all papers to FILE (Parquet) and its checksum to FILE.sha256.

    An interrupted export continues if the same command is run again.
    """
    from index.catalogue.catalogue import read_catalogue
    from index.embedding.opening import configured_identity
    from index.vector_files.export import export_vectors

    identity = configured_identity(settings)
    with read_catalogue(settings.data) as catalogue, show_steps() as progress:
        made = export_vectors(
            catalogue.vectors.of(identity),
            file,
            lambda done, total: progress("export", done, total),
        )
    if as_json:
        print_json(made)
    else:
        click.echo(f"{file}: {made.vectors} vectors of {identity}")


@vectors.command(name="import")
@click.argument("source", metavar="FILE|ADDRESS")
@as_json_option
@click.pass_obj
def import_command(settings: Settings, source: str, as_json: bool) -> None:
    """Store the vectors of FILE, or of the file at ADDRESS, for papers that have none.

    The checksum must be next to it, with `.sha256` after its name. A sample is embedded here and
    compared; if a vector differs, nothing is stored. Run `seealso update` afterwards. An
    interrupted import or download continues if the same command is run again.
    """
    from dataclasses import asdict
    from functools import partial

    from index.embedding.opening import configured_identity, open_embedder
    from index.vector_files.importing import VectorImport

    identity = configured_identity(settings)
    with (
        writing(settings) as (catalogue, progress),
        _local(settings, source, progress) as (file, sha256),
    ):
        run = VectorImport(catalogue, identity, partial(open_embedder, settings))
        report = run.import_file(file, sha256, progress)
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(str(report))


@contextmanager
def _local(settings: Settings, source: str, progress: Progress) -> Iterator[tuple[Path, str]]:
    """Yield the path of a file, downloaded if it is an address, and its published SHA-256."""
    from index.errors import BadInput
    from index.vector_files.checksum import checksum_path, parse_checksum
    from ingest.vector_download import downloaded, is_address

    if is_address(source):
        with downloaded(source, settings.data / "downloads", progress) as found:
            yield found
        return
    file = Path(source)
    published = checksum_path(file)
    for needed in (file, published):
        if not needed.is_file():
            raise BadInput(f"there is no file {needed}: `seealso vectors export` writes both files")
    with published.open("rb") as lines:
        text = lines.read(1024).decode(errors="replace")
    yield file, parse_checksum(text, str(published))


COMMANDS = (vectors,)
