"""all-mpnet-base-v2 from its packages. Collected only if the extra `mpnet` is installed."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from index.embedding.opening import configured_identity, open_embedder
from index.settings import load_settings
from tests.index.embedding.test_embedder import TEXTS


def test_the_installed_model(tmp_path: Path) -> None:
    environment = {"SEEALSO_MODEL": "all-mpnet-base-v2", "SEEALSO_PRECISION": "f32"}
    settings = load_settings(environment, data=str(tmp_path))
    identity = configured_identity(settings)
    assert (identity.dimension, identity.length) == (768, 512)
    assert (identity.revision, identity.pooling) == ("78c0197b6159", "mean_tokens+Normalize")
    torch = open_embedder(settings, "torch")
    try:
        expected = torch.encode(TEXTS)
    finally:
        torch.close()
    for precision, least in (("f32", 0.99999), ("bf16", 0.999)):
        openvino = open_embedder(replace(settings, precision=precision), "openvino")
        assert np.einsum("ij,ij->i", openvino.encode(TEXTS), expected).min() > least
