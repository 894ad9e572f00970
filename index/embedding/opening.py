"""Choose a backend and a precision from the settings, and open the embedder."""

from index.embedding.embedder import RECIPE, Embedder
from index.embedding.hardware import has_bf16, has_gpu, has_openvino
from index.embedding.identity import ModelIdentity
from index.embedding.model_files import ModelFiles
from index.embedding.model_lookup import find_model
from index.errors import ModelUnavailable
from index.settings import Settings


def choose_backend(settings: Settings) -> str:
    """Return the backend to use on this machine, "openvino" or "torch"."""
    if settings.backend != "auto":
        return settings.backend
    return "openvino" if has_openvino() and not has_gpu() else "torch"


def choose_precision(settings: Settings) -> str:
    """Return the precision to use on this machine, "bf16" or "f32".

    Raises ModelUnavailable if the settings require bf16 and the processor does not have it: the
    vectors would be those of single precision under another name.
    """
    if settings.precision == "bf16" and has_openvino() and not has_bf16():
        raise ModelUnavailable(
            "SEEALSO_PRECISION=bf16, but this processor has no bf16: set SEEALSO_PRECISION=f32"
        )
    if settings.precision != "auto":
        return settings.precision
    return "bf16" if choose_backend(settings) == "openvino" and has_bf16() else "f32"


def configured_identity(settings: Settings, files: ModelFiles | None = None) -> ModelIdentity:
    """Return the identity of the vectors that these settings produce, without loading the model.

    Raises ModelUnavailable if the model cannot be found or fails the checks of `find_model`, or if
    the processor does not have the precision of the settings.
    """
    files = files or find_model(settings.model)
    return ModelIdentity(
        model=files.name,
        revision=files.revision,
        pooling=files.pooling,
        recipe=RECIPE,
        length=min(settings.max_length, files.max_tokens),
        precision=choose_precision(settings),
        dimension=files.dimension,
    )


def open_embedder(settings: Settings, backend: str | None = None) -> Embedder:
    """Open the model of the settings with `backend`, by default the backend of the settings.

    On first use, this assembles a split model and exports the model for OpenVINO, into `models` of
    the data folder. Raises ModelUnavailable if the model cannot be found, loaded or exported.
    """
    files = find_model(settings.model)
    return _open(settings, files, configured_identity(settings, files), backend)


def open_text_embedder(settings: Settings, identity: ModelIdentity) -> Embedder:
    """Open a model for queries against vectors of this identity, with OpenVINO if possible.

    Raises ModelUnavailable if the model of the settings produces vectors of another identity; the
    model is then neither loaded nor exported.
    """
    files = find_model(settings.model)
    configured = configured_identity(settings, files)
    if configured != identity:
        raise ModelUnavailable(
            f"the index contains vectors of {identity}, but the settings produce vectors of "
            f"{configured}: run `seealso update --embed-again`, or restore the previous values of "
            "SEEALSO_MODEL, SEEALSO_PRECISION and SEEALSO_MAX_LENGTH"
        )
    backend = "openvino" if has_openvino() and settings.backend != "torch" else "torch"
    return _open(settings, files, configured, backend)


def _open(
    settings: Settings, files: ModelFiles, identity: ModelIdentity, backend: str | None
) -> Embedder:
    models = settings.data / "models"
    if (backend or choose_backend(settings)) == "torch":
        from index.embedding.torch_embedder import TorchEmbedder

        return TorchEmbedder(files.on_disk(models), identity)
    from index.embedding.openvino_embedder import OpenVinoEmbedder

    return OpenVinoEmbedder(files, identity, models)
