"""Runtimes over random checkpoints: real models and a real scheduler, with nothing to say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.catalog import Catalog
from models.runtime import Runtime, RuntimeConfig
from tests.support import checkpoints


def write(root: Path, *ids: str, catalog: Catalog | None = None) -> Path:
    """Write a tiny random checkpoint for each catalogue id below `root`."""
    for seed, entry_id in enumerate(ids):
        entry = (catalog or Catalog.load()).get(entry_id)
        if entry.family == "marian":
            checkpoints.marian(root / entry.folder, checkpoints.TINY_MARIAN, seed)
        else:
            checkpoints.mt5(root / entry.folder, checkpoints.TINY_MT5, seed)
    return root


@contextmanager
def running(root: Path, catalog: Catalog | None = None, **config: Any) -> Iterator[Runtime]:
    """A started runtime over the checkpoints below `root`, greedy and in float32."""
    defaults: dict[str, Any] = {"dtype": "float32", "device": "cpu", "beams": 1, "threads": 1}
    runtime = Runtime(RuntimeConfig(models=str(root), root=root, **(defaults | config)), catalog)
    try:
        runtime.start()
        yield runtime
    finally:
        runtime.close()
