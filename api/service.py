"""The service shared by all requests, and the session of one request."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.cached_attribute import cached_attribute
from api.open_catalogues import OpenCatalogues
from api.text_queue import TextQueue
from api.worker_threads import Waiting, WorkerThreads
from classifier.taxonomies.followed import Taxonomies, followed_taxonomies
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_text_embedder
from index.errors import ForeignVectors
from index.health.freshness import Meta
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.searching.search import PaperSearch
from index.settings import Settings

_MAX_CORRECTIONS = 8  # that wait for another writer


class Service:
    """The state shared by all requests: settings, the current release, the embedding model.

    service = Service(load_settings(os.environ))
    with service.open_session() as session:
        listing = session.finder.related("2401.08092")
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalogues = OpenCatalogues(settings.data)
        self.current = CurrentRelease(settings.data)
        self.threads = WorkerThreads()
        self.corrections = Waiting(self.threads, _MAX_CORRECTIONS, "corrections")
        self.text_embedder = SharedEmbedder(settings, self.threads)

    @contextmanager
    def open_session(self) -> "Iterator[ReadSession]":
        """Open the catalogue for one request; raises NotReady or ForeignCatalogue.

        If the vectors turn out not to belong to the release, the release is closed, so that the
        next request looks for a usable one.
        """
        with self.catalogues.read() as catalogue:
            try:
                yield ReadSession(self, catalogue)
            except ForeignVectors:
                self.current.close()
                raise


class SharedEmbedder:
    """The embedding model for free text: loaded on first use, used by one request at a time."""

    def __init__(self, settings: Settings, threads: WorkerThreads) -> None:
        self._settings = settings
        self._embedder: Embedder | None = None
        self.queue = TextQueue(settings.text_queue, settings.request_timeout, threads)

    def of(self, identity: ModelIdentity) -> Embedder:
        """Return an embedder of this identity; using it raises ModelUnavailable or TooManyTexts."""
        return _BorrowedEmbedder(self, identity)

    def encode(self, identity: ModelIdentity, texts: Sequence[str]) -> Floats:
        """Return unit vectors of the texts; raises ModelUnavailable or TooManyTexts."""
        with self.queue.slot():
            if self._embedder is None or self._embedder.identity != identity:
                self.close()
                self._embedder = open_text_embedder(self._settings, identity)
            return self._embedder.encode(texts)

    def close(self) -> None:
        """Unload the model."""
        if self._embedder is not None:
            self._embedder.close()
            self._embedder = None


@dataclass(frozen=True, slots=True)
class _BorrowedEmbedder:
    """The shared model as an `Embedder` for one request."""

    shared: SharedEmbedder
    identity: ModelIdentity

    def encode(self, texts: Sequence[str]) -> Floats:
        return self.shared.encode(self.identity, texts)

    def close(self) -> None:
        """Do nothing: the service closes the model."""


class ReadSession:
    """The data that one request reads: one connection to the catalogue and one release.

        with service.open_session() as session:
            paper = session.catalogue.entry("2401.08092").paper
            listing = session.finder.related(paper.id)
            session.meta.release

    The release is the one that is current on first use, and stays the same for the whole request.
    A session must not be shared by threads.
    """

    def __init__(self, service: Service, catalogue: Catalogue) -> None:
        self.service = service
        self.catalogue = catalogue

    @cached_attribute
    def release(self) -> Release:
        """The current release on first use; raises NotReady or DamagedRelease."""
        return self.service.current.get()

    @cached_attribute
    def taxonomies(self) -> Taxonomies:
        """The taxonomies that this catalogue uses."""
        return followed_taxonomies(self.catalogue)

    @cached_attribute
    def finder(self) -> RelatedFinder:
        """The finder of related papers over the catalogue and the release."""
        # The functions do not refer to the session: in a cycle it would keep a replaced release.
        shared, identity = self.service.text_embedder, self.release.manifest.identity
        return RelatedFinder(self.catalogue, self.release, lambda: shared.of(identity))

    @cached_attribute
    def search(self) -> PaperSearch:
        """The search over the catalogue and the release."""
        catalogue = self.catalogue
        return PaperSearch(self.finder, lambda: followed_taxonomies(catalogue).tag_names())

    @property
    def embedder(self) -> Embedder:
        """The embedding model for free text, loaded on first use."""
        return self.service.text_embedder.of(self.release.manifest.identity)

    def embedder_for(self, options: ListOptions) -> Embedder | None:
        """Return the model if a list of known papers needs it for full reasons."""
        return self.embedder if options.reasons == "full" else None

    @property
    def meta(self) -> Meta:
        """Release, counts and freshness, read once per request."""
        return self.finder.meta


async def session(request: Request) -> AsyncIterator[ReadSession]:
    """Open a session for one request, in a thread if a file must be opened."""
    service = cast(Service, request.app.state.service)
    with ExitStack() as stack:
        if service.catalogues.has_idle:
            opened = stack.enter_context(service.open_session())
        else:
            opened = await run_in_threadpool(stack.enter_context, service.open_session())
        yield opened


# It ends before the answer is sent: a client that reads slowly must not keep its transaction open.
Session = Annotated[ReadSession, Depends(session, scope="function")]
