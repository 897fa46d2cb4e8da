"""What may not be generated, or must be: the logits processors of `transformers.generate` that Mujaz supports."""

from collections.abc import Sequence

import torch
from torch import Tensor

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
        self._output_ids = None if output_ids is None else output_ids.to(device)
        self._outputs = torch.arange(vocabulary, device=device)  # by id: its output, or -1
        if self._output_ids is not None:
            self._outputs = torch.full((vocabulary,), -1, device=device)
            self._outputs[self._output_ids] = torch.arange(len(self._output_ids), device=device)
        self._end_ids = torch.tensor(symbols.ends, device=device)
        self._ends = self._outputs[self._end_ids]
        self._forced = None if symbols.forced_end is None else int(self._outputs[symbols.forced_end])
        words = [word for word in symbols.bad_words if len(word) > 1 or word[0] not in symbols.ends]
        single = self._outputs[torch.tensor([w[0] for w in words if len(w) == 1], dtype=torch.long, device=device)]
        self._single = single[single >= 0]
        self._longer = [w for w in words if len(w) > 1 and self._outputs[w[-1]] >= 0]

    def real(self, outputs: Tensor) -> Tensor:
        """The ids of outputs."""
        return outputs if self._output_ids is None else self._output_ids[outputs]

    def ends(self, ids: Tensor) -> Tensor:
        """Which ids end a sequence."""
        return torch.isin(ids, self._end_ids) if len(self._end_ids) > 1 else ids == self._end_ids

    def apply(self, logits: Tensor, ids: Tensor, settings: Sequence[Generation], positions: Sequence[int]) -> Tensor:
        """Take out what may not follow, in place, and return what to subtract for log-probabilities: (rows,).

        logits: (slots * beams, outputs); ids: (slots, beams, length), of which each slot has used `positions` + 1.
        """
        greedy = ids.shape[1] == 1
        base = None if greedy or self._renormalize else logsumexp(logits)
        if len(self._single):
            logits.index_fill_(1, self._single, _NEVER)
        by_slot = logits.view(len(settings), ids.shape[1], -1)
        for word in self._longer:
            self._forbid_after(by_slot, ids, positions, word)
        for size in sorted({setting.no_repeat_ngram for setting in settings} - {0}):
            self._forbid_repeats(by_slot, ids, [s.no_repeat_ngram == size for s in settings], positions, size)
        if short := [i for i, (at, s) in enumerate(zip(positions, settings, strict=True)) if at < s.min_tokens]:
            by_slot[torch.tensor(short, device=self.device)[:, None], :, self._ends] = _NEVER
        if base is None and not greedy:
            base = logsumexp(logits)
        base = torch.zeros(len(logits), device=self.device) if base is None else base
        last = [i for i, (at, s) in enumerate(zip(positions, settings, strict=True)) if at == s.max_tokens - 1]
        if last and self._forced is not None:
            by_slot[last] = _NEVER
            by_slot[last, :, self._forced] = 0.0
            base.view(len(settings), -1)[last] = 0.0
        return base

    def _forbid_after(self, logits: Tensor, ids: Tensor, positions: Sequence[int], word: Sequence[int]) -> None:
        """Forbid a word's last id where the ids before it have just been written."""
        before = len(word) - 1
        prefix = torch.tensor(word[:-1], device=self.device)
        for slot, at in enumerate(positions):
            if at + 1 >= before:
                said = (ids[slot, :, at + 1 - before : at + 1] == prefix).all(1)
                logits[slot, said, self._outputs[word[-1]]] = _NEVER

    def _forbid_repeats(
        self, logits: Tensor, ids: Tensor, which: Sequence[bool], positions: Sequence[int], size: int
    ) -> None:
        """Forbid what would repeat `size` ids in a row, in the slots of `which`."""
        at = torch.tensor(positions, device=self.device)
        window = ids[:, :, : max(positions) + 1]
        if window.shape[2] < size:
            return
        runs = window.unfold(2, size, 1)  # (slots, beams, length - size + 1, size)
        tail = (at[:, None] + torch.arange(2 - size, 1, device=self.device)).clamp(min=0)  # the last size - 1 positions
        last = window.gather(2, tail[:, None].expand(-1, ids.shape[1], -1))
        same = (runs[..., :-1] == last[:, :, None]).all(3)
        ends = torch.arange(size - 1, window.shape[2], device=self.device)  # where each run ends
        same &= (ends <= at[:, None])[:, None] & torch.tensor(which, device=self.device)[:, None, None]
        outputs = self._outputs[runs[..., -1]]
        same &= outputs >= 0
        logits.scatter_add_(2, outputs.clamp(min=0), torch.where(same, _NEVER, 0.0).to(logits.dtype))
