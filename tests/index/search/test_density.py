"""The density around papers: hubs, growth of the corpus, and small corpora."""

from pathlib import Path

import numpy as np
import pytest

import index.search.density
from index.arrays import Floats, unit
from index.search.codes import decode, encode
from index.search.density import Density


@pytest.fixture(scope="module")
def vectors() -> Floats:
    random = np.random.default_rng(3)
    near = random.normal(size=(400, 1, 16)) + 0.8 * random.normal(size=(400, 3, 16))
    return unit(near.reshape(1200, 16).astype(np.float32))


def _expected(vectors: Floats, sample: Floats, count: int) -> list[float]:
    means = []
    for vector in decode(encode(vectors)):
        cosines = np.sort(sample @ vector)[::-1]
        means.append(float(cosines[cosines < 0.9995][:count].mean()))
    return means


def test_the_density_is_the_mean_cosine_with_the_nearest_of_the_sample(vectors: Floats) -> None:
    density = Density.compute(encode(vectors))
    assert len(density.sample) == 1200
    expected = _expected(vectors, density.sample.astype(np.float32), 6)
    np.testing.assert_allclose(density.values.astype(np.float32), expected, atol=2e-3)


def test_a_paper_is_denser_with_copies_that_differ(vectors: Floats) -> None:
    random = np.random.default_rng(4)
    copies = unit(vectors[7] + 0.05 * random.normal(size=(100, 16)).astype(np.float32))
    before, after = (
        Density.compute(encode(vectors)),
        Density.compute(encode(np.concatenate([vectors, copies]))),
    )
    assert after.values[7] > before.values[7] + 0.1
    assert np.median(after.values[:1200] - before.values) < 0.05


def test_new_papers_are_compared_with_the_same_sample(
    vectors: Floats, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(index.search.density, "_SAMPLE", 500)
    first = Density.compute(encode(vectors[:1000]))
    first.save(tmp_path)
    previous = Density.open(tmp_path)
    rows = np.concatenate([np.arange(1, 1000), np.full(150, -1)])
    assert previous.fits(len(rows))
    new = encode(vectors[1000:1150])
    extended = previous.extend(new, np.arange(999, 1149), rows)
    np.testing.assert_array_equal(extended.values[:999], first.values[1:])
    np.testing.assert_array_equal(
        extended.values[999:], index.search.density._densities(new, first.sample)
    )
    assert extended.drawn_from == 1000
    assert not extended.fits(1300)


def test_a_sample_of_a_small_corpus_is_drawn_again(vectors: Floats) -> None:
    assert not Density.compute(encode(vectors)).fits(1201)


def test_a_small_corpus_has_no_density(vectors: Floats) -> None:
    assert np.isnan(Density.compute(encode(vectors[:199])).values).all()
    assert np.isfinite(Density.compute(encode(vectors[:200])).values).all()


def test_equal_texts_do_not_count_however_many_there_are(vectors: Floats) -> None:
    copies = np.repeat(vectors[7:8], 60, axis=0)
    sample = decode(encode(np.concatenate([vectors, copies])))
    found = index.search.density._nearest_cosines(sample[:9], sample, 6)
    without = np.delete(sample, [7, *range(1200, 1260)], axis=0)
    expected = index.search.density._nearest_cosines(sample[7:8], without, 6)
    np.testing.assert_allclose(np.sort(found[7]), np.sort(expected[0]), atol=1e-6)
    few = index.search.density._nearest_cosines(sample[7:8], sample[[7, 8, 7, 7]], 3)
    assert (few < -0.99).sum() == 2  # fewer than three others
