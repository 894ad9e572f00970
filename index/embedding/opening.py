"""Choose backend and precision from the settings, and open the embedder."""

from index.embedding.embedder import RECIPE, Embedder
from index.embedding.hardware import has_bf16, has_gpu, has_openvino
from index.embedding.identity import ModelIdentity
from index.embedding.model_files import ModelFiles, find_model
from index.errors import ModelUnavailable
from index.settings import Settings


def choose_backend(settings: Settings) -> str:
    """The way to compute vectors here: "openvino" or "torch"."""
    if settings.backend != "auto":
        return settings.backend
    return "openvino" if has_openvino() and not has_gpu() else "torch"


def choose_precision(settings: Settings) -> str:
    """The arithmetic of the vectors here: "bf16" or "f32"."""
    if settings.precision != "auto":
        return settings.precision
    return "bf16" if choose_backend(settings) == "openvino" and has_bf16() else "f32"


def identity_in_force(settings: Settings, files: ModelFiles | None = None) -> ModelIdentity:
    """The identity of the vectors that these settings ask for; reads no weights into memory.

    Raises ModelUnavailable where the model cannot be found or is not what it should be.
    """
    files = files or find_model(settings.model)
    return ModelIdentity(
        model=files.name,
        revision=files.revision,
        pooling=files.pooling,
        recipe=RECIPE,
        length=min(settings.max_length, files.longest),
        precision=choose_precision(settings),
        dimension=files.dimension,
    )


def open_embedder(settings: Settings, backend: str | None = None) -> Embedder:
    """Open the model of the settings, by the backend of the settings unless one is named.

    Raises ModelUnavailable.
    """
    files = find_model(settings.model)
    identity = identity_in_force(settings, files)
    if (backend or choose_backend(settings)) == "torch":
        from index.embedding.torch_embedder import TorchEmbedder

        return TorchEmbedder(files, identity)
    from index.embedding.openvino_embedder import OpenVinoEmbedder

    return OpenVinoEmbedder(files, identity, settings.data / "models")


def open_text_embedder(settings: Settings, identity: ModelIdentity) -> Embedder:
    """Open a model for free text asked of vectors with this identity, by the light route if any.

    Raises ModelUnavailable where the settings' model makes vectors of another identity.
    """
    light = "openvino" if has_openvino() and settings.backend != "torch" else "torch"
    embedder = open_embedder(settings, light)
    if embedder.identity != identity:
        embedder.close()
        raise ModelUnavailable(
            f"the index holds vectors of {identity}, the settings ask for {embedder.identity}: "
            "run `seealso update`, or set SEEALSO_MODEL and SEEALSO_PRECISION as they were"
        )
    return embedder
