"""The engine's weights, made of a checkpoint once, so that every start has only to check them and map them into memory.

Below the checkpoint's folder, `prepared/<format>-<vocabulary>-<key>/` holds `weights.safetensors` and `prepared.json`, the
record. The key stands for the checkpoint's files and everything else that decides about the content: a checkpoint that was
pulled again, or a Mujaz that prepares otherwise, has other keys. A folder is complete or absent.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from models.engine import vocabulary
from models.errors import WeightsCorrupt
from models.weights.lock import FileRecord, Lock, check, read_lock
from models.weights.store import INDEX, tensor_files

if TYPE_CHECKING:  # torch takes seconds to import, and listing what is prepared does without
    from torch import Tensor

    from models.engine.weights import Format, Weights

VERSION = 1
"""Of the prepared form: to be raised whenever the same checkpoint and settings would give another one."""

_ROOT = "prepared"
_WEIGHTS = "weights.safetensors"
_RECORD = "prepared.json"
# What the content comes from, where no lock lists it; the tensors' files come on top.
_FILES = ("config.json", "generation_config.json", INDEX, "vocab.json", "target_vocab.json", "spiece.model")
_MOST_NAMED = 4  # languages in a folder's name


@dataclass(frozen=True, slots=True)
class Record:
    """What lies beside it: `languages` is None with the full vocabulary, `rows` counts the output ids.

    `checkpoint` is a digest over the sha256 of the checkpoint's files. `tied` are names of tensors stored under another name.
    `shape` and `search` hold the fields of `models.engine.weights`.
    """

    version: int
    checkpoint: str
    format: "Format"
    languages: Sequence[str] | None
    rows: int
    weights: FileRecord
    tied: Mapping[str, str]
    shape: Mapping[str, Any]
    search: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Write `prepared.json`, with a digest of its own content."""
        content = asdict(self)
        text = json.dumps({**content, "sha256": _digest(content)}, indent=2, sort_keys=True)
        (folder / _RECORD).write_text(f"{text}\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Record | None":
        """The record in `folder`, None if another version wrote it.

        Raises `WeightsCorrupt` if it is missing or not as it was written.
        """
        try:
            content = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            if content.pop("sha256") != _digest(content):
                raise ValueError("changed since it was written")
            if content["version"] != VERSION:
                return None
            return cls(**{**content, "weights": FileRecord(**content["weights"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _corrupt(folder) from error


def prepare(folder: Path, form: "Format", languages: Collection[str] | None = None) -> Path:
    """Prepare the checkpoint in `folder`, unless that has been done, and return the prepared form's folder.

    The output vocabulary is restricted to what `languages` can use; None, or one whose scripts are not known, leaves it whole.
    Prepared forms of what the checkpoint was before are removed. Processes that prepare at the same time do the work once.
    Raises `WeightsCorrupt` for a checkpoint that differs from its lock or cannot be read, `OSError` where the disk gave out.
    """
    checkpoint = _checkpoint(folder)
    place = _place(folder, checkpoint, form, languages)
    if _is_whole(place):
        return place
    place.parent.mkdir(exist_ok=True)
    with FileLock(place.parent / ".lock"):
        if not _is_whole(place):
            check(folder)
            weights = converted(folder, form, languages)
            _write(weights, place, checkpoint, languages)
            _remove_stale(place, checkpoint)
    return place


def open_prepared(folder: Path, form: "Format", languages: Collection[str] | None = None) -> "Weights | None":
    """The prepared form of the checkpoint in `folder`, mapped into memory, or None where it is not prepared.

    Instead of the checkpoint's tensors, which are not read, the prepared ones are held to their record; all other files of the
    checkpoint are held to its lock. Raises `WeightsCorrupt` for what differs.
    """
    place = _find(folder, form, languages)
    if place is None:
        return None
    _check_small_files(folder, read_lock(folder))
    return _open(place, _checked(place))


def prepared_bytes(folder: Path, form: "Format", languages: Collection[str] | None = None) -> int | None:
    """How much memory the prepared form of the checkpoint in `folder` takes, by its record, or None where it is not prepared.

    Raises `WeightsCorrupt`.
    """
    place = _find(folder, form, languages)
    record = Record.read(place) if place else None
    return record.weights.size if record else None


def converted(folder: Path, form: "Format", languages: Collection[str] | None = None) -> "Weights":
    """What `prepare` would store, made in memory. The checkpoint is not held to its lock: that is the caller's.

    Raises `WeightsCorrupt` for a checkpoint that cannot be read.
    """
    from models.engine.checkpoint import read
    from models.engine.formats import convert, restrict

    weights = read(folder)
    rule = vocabulary.rule(languages or ())
    if rule:
        size = weights.shape.vocabulary
        kept = vocabulary.keep(vocabulary.pieces(folder, weights.shape.family), rule)
        weights = restrict(weights, sorted(weights.search.symbols | {number for number in kept if number < size}))
    return convert(weights, form)


def forms(folder: Path) -> list[Record]:
    """What is prepared of the checkpoint in `folder`, by its records; reads no tensors.

    Leaves out what another version made and, where a lock tells, what was made of another revision.
    """
    return [record for _, record in _forms(folder)]


def verify_forms(folder: Path) -> list[Record]:
    """Hold every prepared form that `forms` lists to its record. Raises `WeightsCorrupt` for the first that differs."""
    return [_checked(place) for place, _ in _forms(folder)]


def _forms(folder: Path) -> Iterator[tuple[Path, Record]]:
    lock = read_lock(folder)
    for place in sorted(path for path in folder.glob(f"{_ROOT}/[!.]*") if path.is_dir()):
        record = Record.read(place)
        if record and (lock is None or record.checkpoint == _checkpoint(folder)):
            yield place, record


def _find(folder: Path, form: "Format", languages: Collection[str] | None) -> Path | None:
    """Where the prepared form lies; None if it does not."""
    if not (folder / _ROOT).is_dir():  # spares reading a checkpoint without a lock for its digest
        return None
    place = _place(folder, _checkpoint(folder), form, languages)
    return place if place.is_dir() else None


def _place(folder: Path, checkpoint: str, form: "Format", languages: Collection[str] | None) -> Path:
    """Where the prepared form lies, or would lie."""
    rule = vocabulary.rule(languages or ())
    limits = [sorted(rule.whole), sorted(rule.spelt.items())] if rule else None
    key = _digest([VERSION, checkpoint, form, limits])[:12]
    named = sorted(set(languages or ()))
    name = "full" if rule is None else "+".join(named) if len(named) <= _MOST_NAMED else f"{len(named)}-languages"
    return folder / _ROOT / f"{form}-{name}-{key}"


def _checkpoint(folder: Path) -> str:
    """A digest of the checkpoint: from its lock, or from the files themselves where there is none.

    Raises `WeightsCorrupt` for a file that is missing.
    """
    lock = read_lock(folder)
    if lock:
        return _digest({name: record.sha256 for name, record in lock.files.items()})
    paths = [folder / name for name in _FILES if (folder / name).is_file()]
    try:
        return _digest({path.name: FileRecord.of(path).sha256 for path in (*paths, *tensor_files(folder))})
    except OSError as error:
        raise WeightsCorrupt(f"The checkpoint in {folder.name} cannot be read.") from error


def _check_small_files(folder: Path, lock: Lock | None) -> None:
    for name, record in sorted(lock.files.items()) if lock else ():
        if not name.endswith(".safetensors") and not record.matches(folder / name):
            raise WeightsCorrupt(
                f"{name} in {folder.name} differs from its lock; run `mujaz models pull` to fetch it again."
            )


def _write(weights: "Weights", place: Path, checkpoint: str, languages: Collection[str] | None) -> None:
    """Write the prepared form into a folder beside `place` and give it its name last. The caller holds the lock."""
    making = place.with_name(f".{place.name}")
    for left in (making, place):  # by a process that was killed; damaged
        shutil.rmtree(left, ignore_errors=True)
    making.mkdir()
    try:
        _fill(making, weights, checkpoint, languages)
    except BaseException:
        shutil.rmtree(making)  # a full disk gets its space back
        raise
    making.rename(place)
    _sync(place.parent)


def _fill(folder: Path, weights: "Weights", checkpoint: str, languages: Collection[str] | None) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    stored, tied = _untied(weights.tensors)
    try:
        save_file(stored, folder / _WEIGHTS, metadata={"format": "pt"})
    except SafetensorError as error:  # of the disk: the tensors are ours
        raise OSError(str(error)) from error
    (folder / _WEIGHTS).chmod(folder.stat().st_mode & 0o666)  # save_file lets nobody else read
    record = Record(
        version=VERSION,
        checkpoint=checkpoint,
        format=weights.format,
        languages=sorted(set(languages or ())) if "output.ids" in stored else None,
        rows=len(weights.tensors["output"]),
        weights=FileRecord.of(folder / _WEIGHTS),
        tied=tied,
        shape=asdict(weights.shape),
        search=asdict(weights.search),
    )
    record.write(folder)
    for path in (folder / _WEIGHTS, folder / _RECORD, folder):
        _sync(path)


def _untied(tensors: "Mapping[str, Tensor]") -> "tuple[dict[str, Tensor], dict[str, str]]":
    """Every tensor under one of its names, and for each other name the one that stands for it."""
    first: dict[int, str] = {}
    for name, tensor in tensors.items():
        first.setdefault(id(tensor), name)
    names = {name: first[id(tensor)] for name, tensor in tensors.items()}
    tied = {name: other for name, other in names.items() if name != other}
    return {name: tensor.contiguous() for name, tensor in tensors.items() if name not in tied}, tied


def _remove_stale(place: Path, checkpoint: str) -> None:
    """Remove what stands beside `place` and was made of another checkpoint or another way. The caller holds the lock."""
    for path in place.parent.iterdir():
        if path == place or not path.is_dir():
            continue
        same_settings = path.name.rsplit("-", 1)[0] == place.name.rsplit("-", 1)[0]
        if same_settings or not _is_of(path, checkpoint):
            shutil.rmtree(path)


def _is_of(path: Path, checkpoint: str) -> bool:
    """Whether `path` holds a form of this checkpoint."""
    try:
        record = Record.read(path)
    except WeightsCorrupt:
        return False
    return record is not None and record.checkpoint == checkpoint and not path.name.startswith(".")


def _is_whole(place: Path) -> bool:
    try:
        return place.is_dir() and bool(_checked(place))
    except WeightsCorrupt:
        return False


def _checked(place: Path) -> Record:
    """The record in `place`, the weights held to it. Raises `WeightsCorrupt`."""
    record = Record.read(place)
    if record is None or not record.weights.matches(place / _WEIGHTS):
        raise _corrupt(place)
    return record


def _open(place: Path, record: Record) -> "Weights":
    from safetensors import SafetensorError, safe_open

    from models.engine.weights import Search, Shape, Weights

    try:
        with safe_open(place / _WEIGHTS, framework="pt") as file:
            names = list(file.keys())
        tensors = {name: _mapped(place / _WEIGHTS, name) for name in names}
    except (OSError, SafetensorError) as error:
        raise _corrupt(place) from error
    tensors |= {name: tensors[other] for name, other in record.tied.items()}
    words = tuple(tuple(word) for word in record.search["bad_words"])
    search = Search(**{**record.search, "ends": tuple(record.search["ends"]), "bad_words": words})
    return Weights(Shape(**record.shape), search, record.format, tensors)


def _mapped(path: Path, name: str) -> "Tensor":
    """A tensor with a mapping of its own: what the engine lays out anew leaves memory, even if others stay as they are."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        tensor: Tensor = file.get_tensor(name)
        return tensor


def _corrupt(place: Path) -> WeightsCorrupt:
    model = place.parents[1].name
    return WeightsCorrupt(
        f"The prepared weights {place.name} of {model} are damaged; run `mujaz models prepare` again."
    )


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    """Have a file, or the names in a folder, reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
