"""Papers of the catalogue that the release in use does not have."""

from weakref import WeakKeyDictionary

from index.catalogue.catalogue import Catalogue
from index.releases.release import Release

# Papers never get a smaller number than the last one, so these counts stay right for a release.
_counted: "WeakKeyDictionary[Release, int]" = WeakKeyDictionary()


def count_unreleased(catalogue: Catalogue, release: Release) -> int:
    """Return how many papers of the catalogue are not in the release.

    All papers are counted once for each open release, then only those stored later.
    """
    later = catalogue.count_after(release.last_number)
    if release not in _counted:
        _counted[release] = max(0, catalogue.count() - later - release.manifest.papers)
    return _counted[release] + later
