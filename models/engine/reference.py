"""The reference engine: `transformers.generate` behind the stepwise contract, with a step that does everything at once.

Slow, and right by definition: the other engines are measured against it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig

from models.engine.faults import fault, memory_errors
from models.engine.protocol import Finished, Generation, Item
from models.errors import MujazError

_OF_THE_CHECKPOINT = (
    "bad_words_ids",
    "bos_token_id",
    "decoder_start_token_id",
    "eos_token_id",
    "forced_eos_token_id",
    "pad_token_id",
    "renormalize_logits",
)
"""What a checkpoint's generation config decides; `Generation` decides the rest, or transformers' own defaults do."""

_GenerationConfig: Any = GenerationConfig  # its constructor is not typed


class ReferenceEngine:
    """Decodes with a MarianMTModel or MT5ForConditionalGeneration, on that model's device and in its number format."""

    def __init__(self, model: Any, capacity: int) -> None:
        """`capacity`: how many tokens fit on the device at once, counted as `cost` does.

        The engine owns the model from now on, and trims its generation config to `_OF_THE_CHECKPOINT`:
        `generate` fills in from it whatever a call leaves open.
        """
        self._kept = {name: getattr(model.generation_config, name) for name in _OF_THE_CHECKPOINT}
        model.generation_config = _GenerationConfig(**self._kept)
        self._model = model
        self._capacity = capacity
        self._admitted: list[Item] = []
        ends = self._kept["eos_token_id"]  # a checkpoint may have several
        self._special = {self._kept["decoder_start_token_id"], self._kept["pad_token_id"]}
        self._special |= set(ends) if isinstance(ends, list) else {ends}

    def cost(self, item: Item) -> int:
        """Source and target positions over all beams, without the padding, which depends on the neighbours."""
        return item.settings.beams * (len(item.ids) + item.settings.max_tokens)

    def free(self) -> int:
        return self._capacity - sum(map(self.cost, self._admitted))

    def capacity(self) -> int:
        return self._capacity

    def shrink(self) -> None:
        self._capacity = max(1, self._capacity // 2)
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()

    def admit(self, items: Sequence[Item]) -> None:
        self._admitted.extend(items)

    def step(self) -> Sequence[Finished]:
        """Decode everything admitted.

        Raises `torch.OutOfMemoryError` or `MemoryError` when the device's memory does not suffice.
        """
        faults = {item: fault for item in self._admitted if (fault := self._fault(item))}
        finished = [Finished(item, error=fault) for item, fault in faults.items()]
        for batch in self._batches([item for item in self._admitted if item not in faults]):
            finished += map(Finished, batch, self._decode(batch))
        self._admitted.clear()
        return finished

    def cancel(self, item: Item) -> None:
        self._admitted = [admitted for admitted in self._admitted if admitted is not item]

    def reset(self) -> None:
        self._admitted.clear()

    def busy(self) -> bool:
        return bool(self._admitted)

    def _fault(self, item: Item) -> MujazError | None:
        config = self._model.config
        positions = getattr(config, "max_position_embeddings", None)  # mT5's relative positions have none
        return fault(item, positions, config.vocab_size)

    def _batches(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        """Group by settings, sort by length, and cut where padding to the longest would exceed the capacity."""
        groups: dict[Generation, list[Item]] = {}
        for item in items:
            groups.setdefault(item.settings, []).append(item)
        for group in groups.values():
            batch: list[Item] = []
            for item in sorted(group, key=lambda item: len(item.ids)):
                if batch and (len(batch) + 1) * self.cost(item) > self._capacity:
                    yield batch
                    batch = []
                batch.append(item)
            yield batch

    @torch.inference_mode()
    def _decode(self, batch: Sequence[Item]) -> list[tuple[int, ...]]:
        """Target ids of items with equal settings, without special ids."""
        ids, mask = self._pad(batch)  # (B, S) each
        config = self._config(batch[0].settings)
        with memory_errors():
            rows = self._model.generate(input_ids=ids, attention_mask=mask, generation_config=config)  # (B, T)
        return [tuple(i for i in row if i not in self._special) for row in rows.tolist()]

    def _pad(self, batch: Sequence[Item]) -> tuple[Tensor, Tensor]:
        """Source ids, padded at the end, and the mask that tells them from the padding: (B, S) each."""
        longest = max(len(item.ids) for item in batch)
        padding = self._kept["pad_token_id"]
        ids = [[*item.ids, *[padding] * (longest - len(item.ids))] for item in batch]
        mask = [[1] * len(item.ids) + [0] * (longest - len(item.ids)) for item in batch]
        device = self._model.device
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)

    def _config(self, settings: Generation) -> Any:
        search = {
            "num_beams": settings.beams,
            "length_penalty": settings.length_penalty,
            "early_stopping": settings.early_stopping,
        }
        return _GenerationConfig(
            **self._kept,
            **(search if settings.beams > 1 else {}),  # transformers warns of them without beams
            max_new_tokens=settings.max_tokens,
            min_new_tokens=settings.min_tokens,
            no_repeat_ngram_size=settings.no_repeat_ngram,
        )
