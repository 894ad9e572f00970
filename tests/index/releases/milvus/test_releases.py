"""Releases in Milvus: what a build writes, what readers see, what is deleted."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import index.releases.milvus.server
from index.arrays import Rows
from index.catalogue.catalogue import open_catalogue
from index.errors import BadInput, IndexUnavailable, LostVectors
from index.milvus_address import MilvusAddress
from index.releases.corpus import gather
from index.releases.current import CurrentRelease
from index.releases.folder import current_name, list_releases
from index.releases.manifest import Manifest, MilvusLocation
from index.releases.milvus.collection import MilvusCollection, filter_expression
from index.releases.milvus.server import MilvusServer, server_at
from index.releases.release import check_release, open_release
from index.search.attributes import Conditions
from index.search.codes import encode
from tests.support.milvus_lite import MilvusLite
from tests.support.random_papers import IDENTITY, RandomPapers, make_release, nearest_papers
from tests.support.releases import build_release, release_contents

pytestmark = pytest.mark.cluster

_PAPERS = 120


@pytest.fixture(scope="module")
def first(milvus: MilvusLite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release."""
    data = tmp_path_factory.mktemp("releases") / "data"
    RandomPapers(1, [data]).change(_PAPERS)
    make_release(data, milvus.address())
    return data


@pytest.fixture
def nights(milvus: MilvusLite, tmp_path: Path) -> RandomPapers:
    """The papers of `tmp_path`, a data folder with one release."""
    made = RandomPapers(2, [tmp_path])
    made.change(_PAPERS)
    make_release(tmp_path, milvus.address())
    return made


def _location(manifest: Manifest) -> MilvusLocation:
    assert manifest.location
    return manifest.location


def _keys(data: Path, name: str) -> Rows:
    return np.array(np.load(data / "releases" / name / "keys.npy", allow_pickle=False))


def _entities(milvus: MilvusLite, collection: str) -> list[int]:
    """Return the keys of all entities of a collection."""
    found = server_at(milvus.address()).call(
        "query", collection, filter="since >= 0", output_fields=["key"], limit=10_000
    )
    return sorted(record["key"] for record in found)


def _collections(milvus: MilvusLite) -> set[str]:
    return set(server_at(milvus.address()).call("list_collections"))


def test_a_release_has_keys_and_no_vectors_in_its_folder(first: Path, milvus: MilvusLite) -> None:
    manifest = check_release(first, str(current_name(first)))
    assert not [name for name in manifest.files if "vectors" in name or "embedded" in name]
    assert _entities(milvus, _location(manifest).collection) == _keys(first, manifest.name).tolist()
    assert (manifest.kind, _location(manifest).generation) == ("milvus", 1)


def test_a_build_writes_changes_and_deletes_unused_entities(
    nights: RandomPapers, tmp_path: Path, milvus: MilvusLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = MilvusCollection.write

    def counted(self: MilvusCollection, entities: object) -> None:
        written.append(len(entities.keys))  # type: ignore[attr-defined]
        write(self, entities)  # type: ignore[arg-type]

    monkeypatch.setattr(MilvusCollection, "write", counted)
    names = [str(current_name(tmp_path))]
    for new, revised, refiled, gone in ((4, 3, 2, 1), (0, 2, 0, 5), (0, 0, 0, 0)):
        nights.change(new, revised, refiled, gone)
        manifest = make_release(tmp_path, milvus.address())
        names.append(manifest.name)
        assert (
            sum(written) <= new + revised + refiled
        )  # a changed category may be the same as before
        written.clear()
        assert list_releases(tmp_path) == names[:-3:-1]
        kept = np.union1d(*(_keys(tmp_path, name) for name in names[-2:]))
        assert _entities(milvus, _location(manifest).collection) == kept.tolist()
    assert _location(manifest).generation == 4


@pytest.mark.parametrize("how", ["revised", "refiled"])
def test_results_are_complete_if_most_entities_are_replaced(
    nights: RandomPapers, tmp_path: Path, milvus: MilvusLite, how: str
) -> None:
    """Most results of Milvus may be of an earlier generation; none of the others is missed."""
    nights.change(0, **{how: _PAPERS - 10})
    make_release(tmp_path, milvus.address())
    vectors = CurrentRelease(tmp_path).get().nearness.vectors
    every = vectors.vectors(np.arange(_PAPERS))
    for query in every[:5]:
        nearest = np.sort(every @ query)[::-1][:50]
        rows, cosines = vectors.search(query, 50)
        np.testing.assert_allclose(cosines, nearest, atol=1e-5)
        assert len(set(rows.tolist())) == 50


@pytest.mark.parametrize("step", ["flush", "drop"])
def test_an_interrupted_build_is_invisible_and_cleaned_up_by_the_next(
    nights: RandomPapers,
    tmp_path: Path,
    milvus: MilvusLite,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """At `flush` all entities are written; at `drop` the release is already current."""
    current = CurrentRelease(tmp_path)
    before, name = nearest_papers(current.get()), current.get().manifest.name
    nights.change(10, revised=10)
    if step == "drop":
        _leave_collection(tmp_path, milvus)

    def cut_off(collection: MilvusCollection) -> None:
        milvus.kill()
        collection.server.call("flush", collection.name)

    with monkeypatch.context() as patched:
        patched.setattr(MilvusCollection, step, cut_off)
        with pytest.raises(IndexUnavailable):
            make_release(tmp_path, milvus.address())
    milvus.start()
    milvus.wait_until_it_answers()
    if step == "flush":
        assert list_releases(tmp_path) == [name]
        assert nearest_papers(CurrentRelease(tmp_path).get()) == before
    nights.change(0, gone=60)  # including papers that the interrupted build wrote
    manifest = make_release(tmp_path, milvus.address())
    assert _location(manifest).generation == (2 if step == "flush" else 3)
    kept = [_keys(tmp_path, name) for name in list_releases(tmp_path)]
    assert _entities(milvus, _location(manifest).collection) == np.unique(np.hstack(kept)).tolist()
    assert check_release(tmp_path, manifest.name)


def _leave_collection(data: Path, milvus: MilvusLite) -> str:
    """Create a collection as a first build does before it is killed."""
    owner = (data / "releases" / "OWNER").read_text().split()[0]
    left = MilvusCollection(server_at(milvus.address()), f"papers_{owner[:8]}_left")
    left.create(IDENTITY, owner)
    return left.name


def test_the_collection_of_a_killed_first_build_is_dropped_and_no_other(
    nights: RandomPapers, first: Path, tmp_path: Path, milvus: MilvusLite
) -> None:
    others = _location(check_release(first, str(current_name(first)))).collection
    mine = _location(check_release(tmp_path, str(current_name(tmp_path)))).collection
    left = _leave_collection(tmp_path, milvus)
    foreign = MilvusCollection(server_at(milvus.address()), left.replace("left", "foreign"))
    foreign.create(IDENTITY, "somebody else")
    make_release(tmp_path, milvus.address())
    assert left not in _collections(milvus)
    assert {others, mine, foreign.name} <= _collections(milvus)


def test_another_model_is_another_collection(
    nights: RandomPapers, tmp_path: Path, milvus: MilvusLite
) -> None:
    other = replace(IDENTITY, revision="another")
    before = _location(check_release(tmp_path, str(current_name(tmp_path)))).collection
    with open_catalogue(tmp_path) as catalogue:
        _, vectors = catalogue.vectors.of(IDENTITY).matrix()
        catalogue.vectors.of(other).add(
            catalogue.vectors.of(IDENTITY).papers().text_hashes.tolist(), vectors
        )
        after = [
            _location(build_release(catalogue, other, tmp_path, 0, 2, milvus.address()))
            for _ in range(2)
        ]
    assert after[0].collection == after[1].collection != before
    assert [location.generation for location in after] == [1, 2]
    assert before not in _collections(milvus)


def test_vectors_of_a_corpus_after_a_release_in_milvus_come_from_the_catalogue(
    first: Path, milvus: MilvusLite
) -> None:
    folder = first / "releases" / str(current_name(first))
    with open_catalogue(first) as catalogue:
        numbers, vectors = catalogue.vectors.of(IDENTITY).matrix()
        corpus = gather(release_contents(catalogue, IDENTITY), first, folder)
    assert (corpus.previous_rows >= 0).all()
    assert corpus.contents.papers.numbers.tolist() == numbers
    np.testing.assert_array_equal(corpus.vectors, encode(vectors))


def test_an_incremental_corpus_has_only_new_vectors(nights: RandomPapers, tmp_path: Path) -> None:
    nights.change(7, revised=4)
    folder = tmp_path / "releases" / str(current_name(tmp_path))
    with open_catalogue(tmp_path) as catalogue:
        corpus = gather(release_contents(catalogue, IDENTITY), tmp_path, folder, all_vectors=False)
        _, vectors = catalogue.vectors.of(IDENTITY).matrix(
            corpus.contents.papers.numbers[corpus.new]
        )
    assert len(corpus) == _PAPERS + 7
    assert len(corpus.new) == 11
    np.testing.assert_array_equal(corpus.vectors, encode(vectors))


def test_the_check_finds_a_lost_vector_and_the_next_release_is_complete(
    nights: RandomPapers, tmp_path: Path, milvus: MilvusLite
) -> None:
    name = str(current_name(tmp_path))
    location = _location(check_release(tmp_path, name))
    MilvusCollection(server_at(milvus.address()), location.collection).remove(
        _keys(tmp_path, name)[3:5]
    )
    release = open_release(tmp_path, name)
    release.check_vectors()
    with pytest.raises(LostVectors, match=f"release {name}: .* lacks 2 of {_PAPERS} vectors"):
        check_release(tmp_path, name)
    with pytest.raises(LostVectors, match="lacks a vector"):
        release.nearness.seed(4)
    assert _location(make_release(tmp_path, milvus.address())).collection != location.collection


def test_a_milvus_lite_file_can_be_used(nights: RandomPapers, tmp_path: Path) -> None:
    address = MilvusAddress.parse(f"milvus://{tmp_path}/trial.db")
    assert make_release(tmp_path, address).kind == "milvus"
    near = nearest_papers(CurrentRelease(tmp_path).get())
    make_release(tmp_path, None)
    assert nearest_papers(CurrentRelease(tmp_path).get()) == near


def test_conditions_become_a_filter_expression() -> None:
    odd = Conditions((1, 2), ('a"b\\', "cs.cl"), ("ü",))
    assert filter_expression(7, odd) == (
        'since <= 7 and day >= 1 and day <= 2 and array_contains_any(categories, ["a\\"b\\\\", '
        '"cs.cl"]) and licence in ["ü"]'
    )


def test_names_with_special_characters_can_be_filtered(first: Path) -> None:
    release = CurrentRelease(first).get()
    odd = release.attributes.conditions(
        categories=['od"d\\.c'], licences=["a licence of one's own"]
    )
    assert odd.categories == ('od"d\\.c',)
    mask = release.attributes.matching(odd)
    assert 2 < mask.sum() < _PAPERS
    vectors = release.nearness.vectors
    condition = filter_expression(1, odd)
    ((keys, _),) = vectors.collection.search(  # type: ignore[attr-defined]
        vectors.vectors(np.arange(1)), _PAPERS, condition
    )
    np.testing.assert_array_equal(
        np.sort(keys), _keys(first, release.manifest.name)[np.flatnonzero(mask)]
    )


@pytest.mark.parametrize(
    ("text", "server", "collection", "seconds"),
    [
        ("milvus://localhost:19530/papers", "http://localhost:19530", "papers", 10),
        ("milvus://m.example/p_1?timeout=3", "http://m.example:19530", "p_1", 3),
        ("milvus://[::1]:9/p", "http://[::1]:9", "p", 10),
        ("milvus:///srv/papers.db", "/srv/papers.db", "seealso", 10),
    ],
)
def test_an_address_is_parsed(text: str, server: str, collection: str, seconds: int) -> None:
    address = MilvusAddress.parse(text)
    assert (address.server, address.collection, address.seconds) == (server, collection, seconds)
    assert MilvusAddress.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "faiss",
        "http://localhost:19530/papers",
        "milvus://localhost:19530",
        "milvus://localhost:19530/two words",
        "milvus://localhost:port/papers",
        "milvus://me:secret@localhost/papers",
        "milvus:///srv/papers",
        "milvus://localhost/papers?timeout=0",
        "milvus://localhost/papers?patience=3",
    ],
)
def test_a_malformed_address_is_rejected(text: str) -> None:
    with pytest.raises(BadInput, match=r"SEEALSO_INDEX=.*milvus://HOST"):
        MilvusAddress.parse(text)


def test_pymilvus_is_not_imported_without_need(first: Path) -> None:
    ask = (
        "import sys, index.releases.engines, index.releases.building, scripts.cli.main\n"
        "assert not {'pymilvus', 'grpc', 'milvus_lite'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", ask], check=True)


def test_a_missing_package_is_reported_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, milvus: MilvusLite
) -> None:
    forget: Callable[[], None] = index.releases.milvus.server._client_errors.cache_clear
    forget()
    monkeypatch.setitem(sys.modules, "pymilvus.exceptions", None)
    with pytest.raises(IndexUnavailable, match=r"pip install 'seealso\[milvus\]'"):
        MilvusServer(milvus.address()).call("list_collections")
    forget()
