"""What may not be generated, or must be: the logits processors of `transformers.generate` that Mujaz supports."""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.engine.pace import on_device
from models.engine.protocol import Generation
from models.engine.select import logsumexp
from models.engine.weights import Search as Symbols

_NEVER = -torch.inf


class Rules:
    """The rules of one checkpoint, over the outputs that its projection has (`output_ids`: their ids; None for all)."""

    def __init__(self, symbols: Symbols, vocabulary: int, output_ids: Tensor | None, device: torch.device) -> None:
        self.device, self.start = device, symbols.start
        self.special = {symbols.start, symbols.pad, *symbols.ends}
        self.width = max(2, 1 + len(symbols.ends))
        """How many candidates a beam search needs per beam, so that enough remain when all ends are among them."""
        self._renormalize = symbols.renormalize
        outputs = _by_id(vocabulary, output_ids)
        self._output_ids = None if output_ids is None else output_ids.to(device)
        self._outputs = outputs.to(device)  # by id: its output, or -1
        self.end_ids = frozenset(symbols.ends)
        self._end_ids = on_device(symbols.ends, device)
        self._ends = outputs[list(symbols.ends)].to(device)
        self._forced = None if symbols.forced_end is None else int(outputs[symbols.forced_end])
        words = [word for word in symbols.bad_words if outputs[word[-1]] >= 0]
        single = [word[0] for word in words if len(word) == 1 and word[0] not in symbols.ends]
        self._single = outputs[single].to(device)
        self._longer = [(on_device(w[:-1], device), int(outputs[w[-1]])) for w in words if len(w) > 1]

    def real(self, outputs: Tensor) -> Tensor:
        """The ids of outputs."""
        return outputs if self._output_ids is None else self._output_ids[outputs]

    def ends(self, ids: Tensor) -> Tensor:
        """Which ids end a sequence."""
        return (ids[..., None] == self._end_ids).any(-1) if len(self._end_ids) > 1 else ids == self._end_ids

    def apply(self, logits: Tensor, ids: Tensor, settings: Sequence[Generation], positions: Sequence[int]) -> Tensor:
        """Take out what may not follow, in place, and return what to subtract for log-probabilities: (rows,).

        logits: (slots * beams, outputs); ids: (slots, beams, length), of which each slot has used `positions` + 1.
        """
        greedy = ids.shape[1] == 1
        base = None if greedy or self._renormalize else logsumexp(logits)
        if len(self._single):
            logits.index_fill_(1, self._single, _NEVER)
        by_slot = logits.view(len(settings), ids.shape[1], -1)
        sizes = sorted({setting.no_repeat_ngram for setting in settings} - {0})
        if self._longer or sizes:
            where = on_device(positions, self.device)
            for before, output in self._longer:
                self._forbid_after(by_slot, ids, where, before, output)
            for size in sizes:
                which = on_device([s.no_repeat_ngram == size for s in settings], self.device)
                self._forbid_repeats(by_slot, ids[:, :, : max(positions) + 1], where, which, size)
        if short := [i for i, (at, s) in enumerate(zip(positions, settings, strict=True)) if at < s.min_tokens]:
            by_slot[on_device(short, self.device)[:, None], :, self._ends] = _NEVER
        if base is None and not greedy:
            base = logsumexp(logits)
        base = torch.zeros(len(logits), device=self.device) if base is None else base
        last = [i for i, (at, s) in enumerate(zip(positions, settings, strict=True)) if at == s.max_tokens - 1]
        if last and self._forced is not None:
            slots = on_device(last, self.device)
            by_slot[slots] = _NEVER
            by_slot[slots, :, self._forced] = 0.0
            base.view(len(settings), -1)[slots] = 0.0
        return base

    def _forbid_after(self, logits: Tensor, ids: Tensor, at: Tensor, before: Tensor, output: int) -> None:
        """Forbid `output` where the ids `before` have just been written; at: (slots,), positions."""
        tail = self._tail(ids, at, len(before))
        said = (tail == before).all(2) & (at + 1 >= len(before))[:, None]
        logits[:, :, output].masked_fill_(said, _NEVER)

    def _forbid_repeats(self, logits: Tensor, ids: Tensor, at: Tensor, which: Tensor, size: int) -> None:
        """Forbid what would repeat `size` ids in a row, in the slots of `which`, (slots,); ids: up to the last position."""
        if ids.shape[2] < size:
            return
        runs = ids.unfold(2, size, 1)  # (slots, beams, length - size + 1, size)
        same = (runs[..., :-1] == self._tail(ids, at, size - 1)[:, :, None]).all(3)
        ends = torch.arange(size - 1, ids.shape[2], device=self.device)  # where each run ends
        same &= ((ends <= at[:, None]) & which[:, None])[:, None]
        outputs = self._outputs[runs[..., -1]]
        same &= outputs >= 0
        logits.scatter_add_(2, outputs.clamp(min=0), torch.where(same, _NEVER, 0.0).to(logits.dtype))

    def _tail(self, ids: Tensor, at: Tensor, count: int) -> Tensor:
        """The last `count` ids of each row, (slots, beams, count); any ids where there are fewer."""
        where = (at[:, None] + torch.arange(1 - count, 1, device=self.device)).clamp(min=0)
        return ids.gather(2, where[:, None].expand(-1, ids.shape[1], -1))


def _by_id(vocabulary: int, output_ids: Tensor | None) -> Tensor:
    """The output of each id, or -1."""
    if output_ids is None:
        return torch.arange(vocabulary)
    outputs = torch.full((vocabulary,), -1)
    outputs[output_ids.cpu()] = torch.arange(len(output_ids))
    return outputs
