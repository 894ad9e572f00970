"""Checks of `doctor --full`: earlier releases, backups, exported models."""

from collections.abc import Iterator
from pathlib import Path

from index.catalogue.protection.backup import list_backups
from index.catalogue.protection.backup_checksum import verify_checksum
from index.errors import DamagedRelease, IndexUnavailable, OutdatedRelease
from index.files import has_checksums, verify_checksums
from index.health.findings import DAMAGE_ERRORS, Finding, State
from index.releases.folder import list_releases, releases_folder
from index.releases.release import check_release


def check_kept_files(data: Path, current: str | None, models: Path) -> Iterator[Finding]:
    """Verify the checksums of earlier releases, of all backups and of exported models."""
    earlier = [name for name in list_releases(data) if name != current]
    for name in earlier:
        try:
            check_release(data, name)
        except (DamagedRelease, IndexUnavailable) as error:
            state: State = "warning" if isinstance(error, OutdatedRelease) else "broken"
            yield _delete("releases", str(error), releases_folder(data) / name, state=state)
    backups = list_backups(data)
    for backup in backups:
        try:
            if not verify_checksum(backup):
                what = f"{backup} was opened for writing, so it has no checksum"
                yield _delete("backups", what, backup, then="then `seealso backup`")
        except DAMAGE_ERRORS as error:
            yield _delete("backups", str(error), backup, then="then `seealso backup`")
    exported = [path.parent for path in sorted(models.glob("[!.]*/model.xml"))]
    for folder in exported:
        if not has_checksums(folder):
            what = f"{folder} has no checksums: an earlier version of seealso wrote it"
            yield _delete("models", what, folder, then="it is written again", state="warning")
            continue
        try:
            verify_checksums(folder)
        except (OSError, ValueError) as error:
            yield _delete("models", f"{folder}: {error}", folder, then="it is written again")
    yield Finding(
        "files",
        "well",
        f"{len(earlier)} earlier releases, {len(backups)} backups, {len(exported)} models checked",
    )


def _delete(
    subject: str, what: str, path: Path, then: str = "it is not in use", state: State = "broken"
) -> Finding:
    return Finding(subject, state, what, f"delete it: rm -r {path}; {then}")
