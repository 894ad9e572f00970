"""Refuse to embed all papers again until someone has asked for it, and say what that costs."""

import time
from collections.abc import Callable
from contextlib import closing

from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder, embed_papers
from index.embedding.identity import ModelIdentity
from index.errors import ModelChanged
from index.progress import duration_text

_TIMED, _WARM_UP = 16, 2  # texts
_BYTES = 2  # of a stored component


def check_model_change(
    catalogue: Catalogue, identity: ModelIdentity, open_model: Callable[[], Embedder]
) -> None:
    """Raise ModelChanged if there are vectors of other models, but none of this one.

    A model that vectors have been stored of was asked for: by `seealso update --embed-again`, which
    any update continues after an interruption, by an import of vectors, or as the model before. So
    it is not refused. The error says how long embedding takes, as measured on 16 texts, and how
    much it stores. Raises ModelUnavailable if the model cannot be used at all.
    """
    if not catalogue.vectors.is_new_model(identity):
        return
    vectors = catalogue.vectors.of(identity)
    pending = vectors.pending()
    every = max(1, len(pending) // (_TIMED + _WARM_UP))
    sample = pending[::every][: _TIMED + _WARM_UP]
    texts = list(vectors.texts_of(sample.hashes()).values())
    with closing(open_model()) as embedder:
        embed_papers(embedder, texts[:_WARM_UP])
        began = time.perf_counter()
        embed_papers(embedder, timed := texts[_WARM_UP:] or texts)
        seconds = (time.perf_counter() - began) * len(pending) / len(timed)
    megabytes = len(pending) * identity.dimension * _BYTES / 1e6
    others = ", ".join(map(str, catalogue.vectors.identities()))
    raise ModelChanged(
        f"the settings produce vectors of {identity}, but this data folder has only vectors of "
        f"{others}. To embed its {len(pending):,} texts again takes about "
        f"{duration_text(round(seconds))} on this machine (as measured on {len(timed)} of them) "
        f"and {megabytes:,.1f} MB of its disk. The vectors that there are stay, and lists come "
        "from the present release meanwhile. Run `seealso update --embed-again`, or restore the "
        "previous values of SEEALSO_MODEL, SEEALSO_PRECISION and SEEALSO_MAX_LENGTH"
    )
