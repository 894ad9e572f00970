"""What every answer stands on: the catalogue, the release in use, and a model for free text."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from api.cached_attribute import cached_attribute
from api.text_queue import TextQueue
from classifier.taxonomies.followed import Taxonomies, followed_taxonomies
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_text_embedder
from index.errors import ForeignVectors
from index.health.freshness import Meta
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.settings import Settings


class Service:
    """Lives as long as the server: settings, the release in use, the model once it is asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.current = CurrentRelease(settings.data)
        self.text_embedder = SharedEmbedder(settings)

    @contextmanager
    def open_session(self) -> "Iterator[ReadSession]":
        """Open the catalogue for one request; raises NotReady or ForeignCatalogue.

        Where the release's vectors turn out to be others', the next request looks for a good one.
        """
        with read_catalogue(self.settings.data) as catalogue:
            try:
                yield ReadSession(self, catalogue)
            except ForeignVectors:
                self.current.close()
                raise


class SharedEmbedder:
    """The model for free text, loaded on first use, one text at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder: Embedder | None = None
        self.queue = TextQueue(settings.text_queue, settings.request_timeout)

    def of(self, identity: ModelIdentity) -> Embedder:
        """An embedder of this identity, which raises ModelUnavailable or TooManyTexts in use."""
        return _OneAtATime(self, identity)

    def encode(self, identity: ModelIdentity, texts: Sequence[str]) -> Floats:
        """Unit vectors of the texts; raises ModelUnavailable or TooManyTexts."""
        with self.queue.slot():
            if self._embedder is None or self._embedder.identity != identity:
                self.close()
                self._embedder = open_text_embedder(self._settings, identity)
            return self._embedder.encode(texts)

    def close(self) -> None:
        """Free the model."""
        if self._embedder is not None:
            self._embedder.close()
            self._embedder = None


@dataclass(frozen=True, slots=True)
class _OneAtATime:
    """What a request borrows of the shared model."""

    shared: SharedEmbedder
    identity: ModelIdentity

    def encode(self, texts: Sequence[str]) -> Floats:
        return self.shared.encode(self.identity, texts)

    def close(self) -> None:
        """The service closes the model, not who borrows it."""


class ReadSession:
    """What one request answers from: one release from start to end, one reading connection."""

    def __init__(self, service: Service, catalogue: Catalogue) -> None:
        self.service = service
        self.catalogue = catalogue

    @cached_attribute
    def release(self) -> Release:
        """The release in use when first asked; raises NotReady or DamagedRelease."""
        return self.service.current.get()

    @cached_attribute
    def taxonomies(self) -> Taxonomies:
        """The taxonomies that papers are filed in here."""
        return followed_taxonomies(self.catalogue)

    @cached_attribute
    def finder(self) -> RelatedFinder:
        """Answers lists."""
        return RelatedFinder(self.catalogue, self.release)

    @property
    def embedder(self) -> Embedder:
        """The model for free text, loaded when it is used."""
        return self.service.text_embedder.of(self.release.manifest.identity)

    def embedder_for(self, options: ListOptions) -> Embedder | None:
        """The model where a list of known papers needs it."""
        return self.embedder if options.reasons == "full" else None

    @property
    def meta(self) -> Meta:
        """What the answer rests on."""
        return self.finder.meta


def session(request: Request) -> Iterator[ReadSession]:
    """Open the catalogue for one request."""
    service = cast(Service, request.app.state.service)
    with service.open_session() as found:
        yield found


Session = Annotated[ReadSession, Depends(session)]
