"""Weights on disk: find them, pull them from a model Hub, lock them, verify them.

Layout: `<root>/<owner>--<name>/` holds one checkpoint in the Hub's format and, beside the files, `mujaz.lock.json` with
the resolved Hub revision and every file's size and sha256. Only `pull` ever opens a connection.
"""

from models.weights.download import Progress, pull
from models.weights.lock import LOCK, FileRecord, Lock, check, read_lock, seal
from models.weights.store import find, tensor_bytes, tensor_files, verify

__all__ = [
    "LOCK",
    "FileRecord",
    "Lock",
    "Progress",
    "check",
    "find",
    "pull",
    "read_lock",
    "seal",
    "tensor_bytes",
    "tensor_files",
    "verify",
]
