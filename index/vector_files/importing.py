"""Import vectors from a file that another catalogue has exported.

The file is read twice. First everything is checked, and the vectors of a random sample of each row
group are compared with those of our own model. Only then vectors are stored, so a refused file
leaves nothing. The checksum is read before the sample is drawn: the maker of a file cannot know
which vectors will be compared.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.arrays import Mask, Rows, unit
from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import Embedder, embed_papers
from index.embedding.identity import ModelIdentity
from index.errors import BadInput, SeeAlsoError
from index.files import file_sha256
from index.progress import Progress
from index.vector_files.file_format import RowGroup, VectorFile, open_vector_file

SAMPLE = 16
"""Texts of each row group that are embedded here and compared."""
MIN_COSINE = 0.999


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Result of an import.

    `taken` vectors were stored, `present` ones were there before. `unknown`: no paper has the text.
    `stale`: the paper is held with another text. `compared` texts were embedded here, with cosines
    of at least `lowest_cosine` (1 if there were none). `precision` is that of the file's vectors.
    """

    taken: int
    present: int
    unknown: int
    stale: int
    compared: int
    lowest_cosine: float
    precision: str

    @property
    def counts(self) -> dict[str, int]:
        """The counts for the record of a run."""
        names = ("taken", "present", "unknown", "stale", "compared")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        compared = (
            f"{self.compared} compared with our own, lowest cosine {self.lowest_cosine:.5f}"
            if self.compared
            else "none compared"
        )
        return (
            f"{self.taken} vectors taken ({self.precision}), {self.present} already present, "
            f"{self.unknown} unknown, {self.stale} stale; {compared}"
        )


class VectorImport:
    """Imports files of vectors into a catalogue, for the model of `identity`.

        run = VectorImport(catalogue, identity, lambda: open_embedder(settings))
        report = run.import_file(Path("vectors.parquet"), sha256, progress)

    `open_model` is called only if vectors must be compared.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        identity: ModelIdentity,
        open_model: Callable[[], Embedder],
        sample: int = SAMPLE,
    ) -> None:
        self._catalogue = catalogue
        self._vectors = catalogue.vectors.of(identity)
        self._open_model = open_model
        self._sample = sample

    def import_file(self, file: Path, sha256: str, progress: Progress) -> ImportReport:
        """Store the vectors of a file whose texts have none yet, and record it as a run.

        Raises BadInput, before anything is stored, if the checksum, the model or a vector is wrong.
        An interrupted import can be repeated: vectors that are stored already are not read again.
        """
        found = file_sha256(file)
        if found != sha256:
            raise BadInput(
                f"the SHA-256 of {file} is {found}, not {sha256} as published: the file is "
                "incomplete or changed; get it again"
            )
        random = np.random.default_rng(secrets.randbits(128))
        with open_vector_file(file) as source:
            source.check_identity(self._vectors.identity)
            kind = f"vectors import {source.identity.precision} {sha256[:12]}"
            run = self._catalogue.runs.start(kind)
            try:
                with self._catalogue.bulk():
                    report = self._import(source, file, random, progress)
            except SeeAlsoError as error:
                self._catalogue.runs.finish(run, str(error), {})
                raise
        self._catalogue.runs.finish(run, "done", report.counts)
        return report

    def _import(
        self, source: VectorFile, file: Path, random: np.random.Generator, progress: Progress
    ) -> ImportReport:
        texts = _Texts(self._vectors)
        unknown = stale = 0
        cosines: list[float] = []
        comparison = _Comparison(self._vectors, self._open_model, random, self._sample)
        with closing(comparison):
            for group in _counted(source, "check", progress):
                source.check_lengths(group)
                missing = group.ids(np.flatnonzero(~texts.held(group)))
                known = self._catalogue.numbers_of(missing)
                stale += sum(paper_id in known for paper_id in missing)
                unknown += sum(paper_id not in known for paper_id in missing)
                cosines += comparison.compare(file, group, texts.new(group))
        taken = 0
        for group in _counted(source, "store", progress):
            rows = texts.new(group)
            texts.mark(group.text_hashes[rows])
            blobs = [row.tobytes() for row in group.stored[rows]]
            self._vectors.add_stored(_whole(group.text_hashes[rows]), blobs)
            taken += len(rows)
        return ImportReport(
            taken=taken,
            present=source.rows - taken - unknown - stale,
            unknown=unknown,
            stale=stale,
            compared=len(cosines),
            lowest_cosine=min(cosines, default=1.0),
            precision=source.identity.precision,
        )


class _Texts:
    """The texts of the catalogue, and which of them have a vector. 17 bytes of memory each."""

    def __init__(self, vectors: BoundVectors) -> None:
        self._hashes = vectors.held_hashes(embedded=False)
        self._embedded = np.isin(self._hashes, vectors.held_hashes(embedded=True))

    def held(self, group: RowGroup) -> Mask:
        """Return which rows of a group have a text of the catalogue."""
        return self._find(group.text_hashes)[1]

    def new(self, group: RowGroup) -> Rows:
        """Return the rows with a text that has no vector; of equal texts the first row."""
        places, held = self._find(group.text_hashes)
        rows = np.flatnonzero(held)
        rows = rows[~self._embedded[places[rows]]]
        _, first = np.unique(group.text_hashes[rows], return_index=True)
        return rows[first]

    def mark(self, hashes: NDArray[np.bytes_]) -> None:
        """Note that these texts have a vector now."""
        self._embedded[self._find(hashes)[0]] = True

    def _find(self, hashes: NDArray[np.bytes_]) -> tuple[Rows, Mask]:
        if not len(self._hashes):
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), bool)
        places = np.searchsorted(self._hashes, hashes)
        places = np.minimum(places, len(self._hashes) - 1)
        return places, self._hashes[places] == hashes


class _Comparison:
    """Compares vectors of a file with those of our own model, which it opens on first use."""

    def __init__(
        self,
        vectors: BoundVectors,
        open_model: Callable[[], Embedder],
        random: np.random.Generator,
        size: int,
    ) -> None:
        self._vectors = vectors
        self._open_model = open_model
        self._random = random
        self._size = size
        self._model: Embedder | None = None

    def compare(self, file: Path, group: RowGroup, rows: Rows) -> list[float]:
        """Return the cosines of a sample of these rows; raises BadInput if one is too low."""
        chosen = self._random.choice(rows, min(self._size, len(rows)), replace=False)
        if not len(chosen):
            return []
        digests = _whole(group.text_hashes[chosen])
        texts = self._vectors.texts_of(digests)
        self._model = self._model or self._open_model()
        ours = embed_papers(self._model, [texts[digest] for digest in digests])
        cosines = np.einsum("ij,ij->i", ours, unit(group.vectors(chosen)))
        lowest = int(np.argmin(cosines))
        [name] = group.ids(chosen[[lowest]])
        if not cosines[lowest] >= MIN_COSINE:
            raise BadInput(
                f"{file}, row group {group.number}: the vector of {name} has "
                f"a cosine of {cosines[lowest]:.5f} with the vector computed here, less than "
                f"{MIN_COSINE}: the file is refused, and nothing was stored"
            )
        found: list[float] = cosines.tolist()
        return found

    def close(self) -> None:
        """Close the model."""
        if self._model is not None:
            self._model.close()


def _whole(hashes: NDArray[np.bytes_]) -> list[bytes]:
    """Return the hashes with all their bytes; numpy removes zero bytes at the end of an item."""
    return [bytes(item) for item in hashes.view(f"V{hashes.dtype.itemsize}")]


def _counted(source: VectorFile, step: str, progress: Progress) -> Iterator[RowGroup]:
    done = 0
    for group in source.read():
        yield group
        done += len(group.stored)
        progress(step, done, source.rows)
