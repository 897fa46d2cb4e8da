"""PyTorch pickles to safetensors, once, right after the download. Apart from the rest because it needs torch."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file

from models.errors import WeightsCorrupt


def to_safetensors(pickles: Sequence[Path], target: Path) -> None:
    """Gather the tensors of `pickles` (one file or its shards) into one safetensors file at `target`, values unchanged.

    Only plain tensors are unpickled (`weights_only=True`), so that no code in the file can run. Tensors that are one
    and the same in memory (tied embeddings) are stored once, as the format demands.
    Raises `WeightsCorrupt` for a file that is damaged or holds anything but tensors.
    """
    tensors: dict[str, torch.Tensor] = {}
    for path in pickles:
        try:
            tensors |= torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, TypeError) as error:
            raise WeightsCorrupt(f"{path.name} is not a plain PyTorch checkpoint, or is damaged.") from error
    kept: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    for name in sorted(tensors, key=_preference):
        tensor = tensors[name]
        kept.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), name)
    unique = {name: _standalone(tensors[name]) for name in kept.values()}
    part = target.with_name(f"{target.name}.part")
    save_file(unique, part, metadata={"format": "pt"})
    part.chmod(target.parent.stat().st_mode & 0o666)  # save_file lets nobody else read
    part.replace(target)


def _standalone(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` itself, still in its file, or a copy where it is a view into something larger: that cannot be stored."""
    whole = tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.nbytes
    return tensor if whole else tensor.clone(memory_format=torch.contiguous_format)


def _preference(name: str) -> tuple[int, str]:
    """Which of several names of one tensor survives: the shared embedding, since loading ties the others to it.

    Were `lm_head` kept instead, transformers would take it for the input embedding too (transformers issue 48154).
    """
    if name.endswith("shared.weight"):
        return (0, name)
    return (1 if "embed_tokens" in name else 2, name)
