"""Where weights lie below a root folder, and what the tensors in them weigh. Opens no connection and needs no torch."""

import json
import math
import struct
from pathlib import Path
from typing import Any

from models.catalog import Entry
from models.errors import WeightsCorrupt, WeightsMissing
from models.weights.lock import Lock, check

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


def find(entry: Entry, root: Path) -> Path:
    """The folder of `entry` below `root`: `<owner>--<name>` as `pull` makes it, or `<owner>/<name>` as a clone has it.

    Raises `WeightsMissing`, whose message names the three ways out.
    """
    for folder in (root / entry.folder, root / entry.repo):
        if (folder / "config.json").is_file() and ((folder / WEIGHTS).is_file() or (folder / INDEX).is_file()):
            return folder
    if entry.sample:
        raise WeightsMissing(f"The sample model {entry.id} is not in this installation; install Mujaz again.")
    raise WeightsMissing(
        f"The weights of {entry.id} ({entry.repo}) are not on this machine: pull them with "
        f"`mujaz models pull {entry.id}`, use the bundled sample models with `--models sample`, "
        f"or point MUJAZ_MODELS at a folder that holds {entry.folder}/."
    )


def verify(entry: Entry, root: Path) -> Lock | None:
    """Find the weights of `entry` and hold every file to the lock; None if they have no lock (a folder of your own).

    Raises `WeightsMissing`, or `WeightsCorrupt` naming the file.
    """
    return check(find(entry, root))


def tensor_files(folder: Path) -> tuple[Path, ...]:
    """The safetensors files of a checkpoint: the single one, or the shards that its index names, sorted.

    Raises `WeightsCorrupt` for an unreadable index or a missing shard.
    """
    if not (folder / INDEX).is_file():
        return (folder / WEIGHTS,)
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = sorted(set(index["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsCorrupt(f"{INDEX} in {folder.name} cannot be read.") from error
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise WeightsCorrupt(f"{name} in {folder.name}, named by {INDEX}, is missing.")
    return tuple(folder / name for name in names)


def tensor_bytes(folder: Path, itemsize: int) -> int:
    """What the checkpoint's tensors weigh with `itemsize` bytes each: known before anything is loaded.

    Raises `WeightsCorrupt` for a file whose header cannot be read.
    """
    return sum(
        math.prod(tensor["shape"]) * itemsize
        for path in tensor_files(folder)
        for name, tensor in _header(path).items()
        if name != "__metadata__"
    )


def _header(path: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file: 8 bytes of little-endian length, then the header itself."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > path.stat().st_size:
                raise ValueError("header longer than the file")
            header = json.loads(file.read(length))
    except (OSError, ValueError, struct.error) as error:
        raise WeightsCorrupt(f"{path.name} in {path.parent.name} is not a safetensors file.") from error
    if not isinstance(header, dict):
        raise WeightsCorrupt(f"{path.name} in {path.parent.name} is not a safetensors file.")
    return header
