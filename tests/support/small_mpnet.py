"""A small MPNet model with random weights, also as a split model: an archive in three parts."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from index.embedding.model_files import WEIGHTS
from index.embedding.split_model import SplitModelPackages

NAME = "small-mpnet"
MAX_TOKENS = 64
_DIMENSION, _INNER, _HEADS, _LAYERS = 32, 64, 4, 2
_SPECIAL = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "[UNK]": 4, "<mask>": 5}
_LETTERS = "abcdefghijklmnopqrstuvwxyz.-"


def write_small_mpnet(folder: Path) -> Path:
    """Write the files of the model, as sentence-transformers stores them."""
    vocabulary = _SPECIAL | {
        token: number
        for number, token in enumerate(
            [*_LETTERS, *(f"##{letter}" for letter in _LETTERS)], len(_SPECIAL)
        )
    }
    (folder / "1_Pooling").mkdir(parents=True)
    _write_json(folder / "modules.json", _modules())
    _write_json(folder / "1_Pooling" / "config.json", _pooling())
    _write_json(folder / "config.json", _config(len(vocabulary)))
    _write_json(folder / "tokenizer_config.json", _tokenizer_config())
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    save_file(_weights(len(vocabulary)), folder / WEIGHTS, {"format": "pt"})
    return folder


def write_parts(
    source: Path, parts: Path, others: dict[str, bytes] | None = None
) -> tuple[SplitModelPackages, list[Path]]:
    """Write the files of a model as an archive in three parts; return packages and folders.

    `others` are added to the archive, with their path in it.
    """
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }
    whole = parts / "whole.zip"
    parts.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in (
            {f"{NAME}/{p}": c for p, c in files.items()} | (others or {})
        ).items():
            archive.writestr(path, content)
    content = whole.read_bytes()
    whole.unlink()
    size = len(content) // 3 + 1
    folders = [parts / f"part_{number:03}" / "input" for number in (1, 2, 3)]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / f"{NAME}.zip.{number + 1:03}").write_bytes(
            content[number * size : (number + 1) * size]
        )
    packages = SplitModelPackages(
        name=NAME,
        extra="small",
        version="1.0",
        packages={f"small-part-{n:03}": f"part_{n:03}/input" for n in (1, 2, 3)},
        checksums={path: sha256(content).hexdigest() for path, content in files.items()},
    )
    return packages, folders


def install_parts(parts: Path, numbers: tuple[int, ...] = (1, 2, 3)) -> None:
    """Make the folder of the parts one that packages are installed in, if it is on sys.path."""
    for number in numbers:
        info = parts / f"small_part_{number:03}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: small-part-{number:03}\nVersion: 1.0\n"
        )


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def _modules() -> list[dict[str, object]]:
    names = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(names)
    ]


def _pooling() -> dict[str, object]:
    return {"word_embedding_dimension": _DIMENSION, "pooling_mode_mean_tokens": True}


def _config(vocabulary: int) -> dict[str, object]:
    return {
        "model_type": "mpnet",
        "architectures": ["MPNetModel"],
        "hidden_size": _DIMENSION,
        "intermediate_size": _INNER,
        "num_attention_heads": _HEADS,
        "num_hidden_layers": _LAYERS,
        "max_position_embeddings": MAX_TOKENS + 2,
        "pad_token_id": 1,
        "relative_attention_num_buckets": 32,
        "vocab_size": vocabulary,
    }


def _tokenizer_config() -> dict[str, object]:
    return {
        "tokenizer_class": "MPNetTokenizer",
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "[UNK]",
        "mask_token": "<mask>",
    }


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.add_special_tokens(list(_SPECIAL))
    return tokenizer


def _weights(vocabulary: int) -> dict[str, np.ndarray]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (vocabulary, _DIMENSION),
        "embeddings.position_embeddings.weight": (MAX_TOKENS + 2, _DIMENSION),
        "encoder.relative_attention_bias.weight": (32, _HEADS),
        **_linear("pooler.dense", _DIMENSION, _DIMENSION),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(_LAYERS):
        prefix = f"encoder.layer.{layer}"
        for name in "qkvo":
            shapes |= _linear(f"{prefix}.attention.attn.{name}", _DIMENSION, _DIMENSION)
        shapes |= _linear(f"{prefix}.intermediate.dense", _INNER, _DIMENSION)
        shapes |= _linear(f"{prefix}.output.dense", _DIMENSION, _INNER)
        norms += [f"{prefix}.attention.LayerNorm", f"{prefix}.output.LayerNorm"]
    random = np.random.default_rng(7)
    weights = {
        name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()
    }
    for norm in norms:
        weights[f"{norm}.weight"] = np.ones(_DIMENSION, np.float32)
        weights[f"{norm}.bias"] = np.zeros(_DIMENSION, np.float32)
    return weights


def _linear(name: str, outputs: int, inputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
