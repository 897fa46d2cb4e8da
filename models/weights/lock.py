"""The lock beside the weights: which revision they are and what every file must hash to."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from models.errors import WeightsCorrupt

LOCK = "mujaz.lock.json"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file's size in bytes and the lower-case hex sha256 of its contents."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "FileRecord":
        """Read and hash the file at `path`."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path.stat().st_size, digest)

    def matches(self, path: Path) -> bool:
        """Whether the file at `path` is there and is this one; a wrong size is found without reading it."""
        return path.is_file() and path.stat().st_size == self.size and FileRecord.of(path) == self


@dataclass(frozen=True, slots=True)
class Lock:
    """What was pulled: `files` lie beside the lock; `converted` are the pickles that became `model.safetensors`."""

    repo: str
    revision: str
    licence: str
    files: Mapping[str, FileRecord]
    converted: Mapping[str, FileRecord] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the lock into `folder` atomically: readers see the old lock or the new one, never a part."""
        part = folder / f"{LOCK}.part"
        with part.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / LOCK)


def read_lock(folder: Path) -> Lock | None:
    """The lock in `folder`, or None where there is none. Raises `WeightsCorrupt` for one that cannot be read."""
    path = folder / LOCK
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        records = {
            column: {name: FileRecord(**record) for name, record in data[column].items()}
            for column in ("files", "converted")
        }
        return Lock(data["repo"], data["revision"], data["licence"], records["files"], records["converted"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsCorrupt(f"{LOCK} of {folder.name} cannot be read; delete it and pull the model again.") from error


def seal(folder: Path, names: Iterable[str], *, repo: str, revision: str, licence: str) -> Lock:
    """Lock the named files of `folder` as they are now (what a training run does with the checkpoint it wrote)."""
    files = {name: FileRecord.of(folder / name) for name in sorted(names)}
    lock = Lock(repo, revision, licence, files)
    lock.write(folder)
    return lock


def check(folder: Path) -> Lock | None:
    """Hold every file of `folder` to its lock and return the lock, or None where there is no lock to hold them to.

    Raises `WeightsCorrupt` naming the first file that is missing or differs.
    """
    lock = read_lock(folder)
    if lock is None:
        return None
    for name, record in sorted(lock.files.items()):
        if not record.matches(folder / name):
            state = "differs from its lock" if (folder / name).is_file() else "is missing"
            raise WeightsCorrupt(f"{name} of {lock.repo} {state}; run `mujaz models pull` to fetch it again.")
    return lock
