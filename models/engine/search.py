"""Greedy and beam search over slots that are each at a position of their own; the same meaning as `transformers.generate`.

The beam search is that of transformers' vectorised `_beam_search` (version 4.50 and later), a slot in place of a batch row:
the best `2 * beams` continuations, of which the best `beams` that go on are kept, while those that end within the first `beams`
compete for the finished ones. It differs in how, not in what: log-probabilities are computed for the candidates alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import torch
from torch import Tensor

from models.engine.pace import on_device
from models.engine.protocol import Generation
from models.engine.rules import Rules
from models.engine.select import largest

_NEVER = -1.0e9  # the score of what is out of the race
_ROWS = 32  # whose logits are gone through at one time on a CPU: they stay in the cache from pass to pass


@dataclass
class Step:
    """What a step decided: each slot's rows go on from its rows `parents` (n, beams); `over` (n,): the slots that are over."""

    parents: Tensor
    over: Tensor


class Search:
    """The hypotheses of some slots with `beams` rows each. `advance` works on the first slots, as many as it gets logits for.

    Sequences hold the start symbol first. `positions` counts the tokens after it on the host, `at` the same on the device. All
    else is on the device, where a slot's answer stays as it is once the slot is over, until its limit: so it may be read later.
    """

    def __init__(self, slots: int, beams: int, length: int, rules: Rules) -> None:
        self.beams, self._rules = beams, rules
        self.settings: list[Generation] = []
        self.positions: list[int] = []
        self._kept = torch.arange(beams, device=rules.device)
        self._allocate(slots, length)

    def _allocate(self, slots: int, length: int) -> None:
        beams, device = self.beams, self._rules.device
        self.settings += [Generation()] * (slots - len(self.settings))
        self.positions += [0] * (slots - len(self.positions))
        self.at = torch.zeros(slots, dtype=torch.long, device=device)
        self.ids = torch.full((slots, beams, length), self._rules.start, device=device)
        self._scores = torch.zeros(slots, beams, device=device)
        self._done_ids = torch.full((slots, beams, length), self._rules.start, device=device)
        self._done_scores = torch.zeros(slots, beams, device=device)
        self._done_lengths = torch.zeros(slots, beams, dtype=torch.long, device=device)
        self._done = torch.zeros(slots, beams, dtype=torch.bool, device=device)
        self._open = torch.ones(slots, 1, dtype=torch.bool, device=device)
        self._over = torch.zeros(slots, dtype=torch.bool, device=device)
        self._limits = torch.ones(slots, dtype=torch.long, device=device)
        self._penalties = torch.ones(slots, device=device)
        self._early = torch.ones(slots, dtype=torch.bool, device=device)

    def _tensors(self) -> list[Tensor]:
        done = [self._done_ids, self._done_scores, self._done_lengths, self._done]
        settings = [self._limits, self._penalties, self._early]
        return [self.at, self.ids, self._scores, *done, self._open, self._over, *settings]

    def reserve(self, slots: int, length: int) -> None:
        """Have room for so many slots, and for sequences of that length, start symbol included."""
        have, longest = self.ids.shape[0], self.ids.shape[2]
        if slots > have or length > longest:
            old = self._tensors()
            self._allocate(max(slots, have), max(length, longest))
            for before, now in zip(old, self._tensors(), strict=True):
                now[tuple(slice(size) for size in before.shape)] = before

    def move(self, source: int, target: int) -> None:
        """Let what is in one slot be in another."""
        for tensor in self._tensors():
            tensor[target] = tensor[source]
        self.settings[target], self.positions[target] = self.settings[source], self.positions[source]

    def begin(self, slots: Sequence[int], settings: Sequence[Generation]) -> None:
        """Put new sequences into `slots`."""
        for slot, setting in zip(slots, settings, strict=True):
            self.settings[slot], self.positions[slot] = setting, 0
        where = on_device(slots, self._rules.device)
        self.at[where] = 0
        self.ids[where, :, 0] = self._rules.start
        self._scores[where] = _NEVER  # of the first step's equal rows only one counts
        self._scores[where, 0] = 0.0
        self._done_scores[where] = _NEVER
        self._done[where] = False
        self._open[where] = True
        self._over[where] = False
        for tensor, name in (
            (self._limits, "max_tokens"),
            (self._penalties, "length_penalty"),
            (self._early, "early_stopping"),
        ):
            values = [getattr(setting, name) for setting in settings]
            tensor[where] = on_device(values, self._rules.device, tensor.dtype)

    def last(self, slots: int) -> tuple[Tensor, Tensor]:
        """The ids that the first slots' rows end in, and their positions: (slots * beams,) each."""
        at = self.at[:slots]
        index = at[:, None, None].expand(-1, self.beams, 1)
        return self.ids[:slots].gather(2, index).flatten(), at.repeat_interleave(self.beams)

    def advance(self, logits: Tensor) -> Step:
        """Append a token to every row of the first slots; logits: (slots * beams, outputs), overwritten."""
        slots = len(logits) // self.beams
        step = self._greedy(logits) if self.beams == 1 else self._beams(logits)
        self.at[:slots].add_(1)
        for slot in range(slots):
            self.positions[slot] += 1
        return step

    def limited(self, slots: int) -> bool:
        """Whether one of the first slots has come to its limit, and is over for that."""
        return any(at == s.max_tokens for at, s in zip(self.positions[:slots], self.settings[:slots], strict=True))

    def _best(self, logits: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The log-probabilities of each row's best outputs, and these: (slots * beams, count) each."""
        slots = len(logits) // self.beams
        size = max(1, _ROWS // self.beams) if logits.is_cpu else slots
        found = []
        for start in range(0, slots, size):
            here = slice(start, min(start + size, slots))
            some = logits[here.start * self.beams : here.stop * self.beams].float()
            base = self._rules.apply(some, self.ids[here], self.settings[here], self.positions[here])
            values, outputs = largest(some, count)
            found.append((values - base[:, None], outputs))
        scores, outputs = (torch.cat(part) for part in zip(*found, strict=True))
        return scores, outputs

    def result(self, slot: int) -> list[int]:
        """The best sequence of a slot that is over, without special ids."""
        if self.beams == 1:
            written = self.ids[slot, 0, 1 : self.positions[slot] + 1].tolist()
            ids = list(takewhile(lambda i: i not in self._rules.end_ids, written))
        else:
            length, _, *written = torch.cat([self._done_lengths[slot, :1], self._done_ids[slot, 0]]).tolist()
            ids = written[:length]
        return [i for i in ids if i not in self._rules.special]

    def _greedy(self, logits: Tensor) -> Step:
        ids = self._rules.real(self._best(logits, 1)[1])  # (n, 1)
        at = self.at[: len(ids)] + 1
        self.ids[: len(ids)].scatter_(2, at[:, None, None], ids[:, :, None])
        over = self._over[: len(ids)]
        over |= self._rules.ends(ids)[:, 0] | (at >= self._limits[: len(ids)])
        return Step(torch.zeros_like(ids), over)

    def _beams(self, logits: Tensor) -> Step:
        beams, n = self.beams, len(logits) // self.beams
        count = min(self._rules.width * beams, logits.shape[1])
        scores, outputs = self._best(logits, count)
        candidates = (scores + self._scores[:n].view(-1, 1)).view(n, -1)
        scores, best = candidates.topk(min(self._rules.width * beams, candidates.shape[1]))
        parents = best // count
        ids = self._rules.real(outputs.view(n, -1).gather(1, best))
        at = self.at[:n] + 1
        ended = self._rules.ends(ids) | (at >= self._limits[:n])[:, None]
        self._finish(scores, parents, ids, ended, at)
        running, order = (scores + ended * _NEVER).topk(beams)
        self._scores[:n] = running
        parents, ids = parents.gather(1, order), ids.gather(1, order)
        sequences = self._extended(parents, ids, at)
        self.ids[:n, :, : sequences.shape[2]] = sequences
        return Step(parents, self._settled(n, ended, at))

    def _finish(self, scores: Tensor, parents: Tensor, ids: Tensor, ended: Tensor, at: Tensor) -> None:
        """Let the candidates that end compete with the finished sequences for the best `beams` places."""
        n, beams = len(scores), self.beams
        now = ended.clone()
        now[:, beams:] = False
        if now.is_cpu and not now.any():  # a saving where asking costs nothing
            return
        ranks = scores / (at ** self._penalties[:n])[:, None] + ~now * _NEVER
        ranks = torch.cat([self._done_scores[:n], ranks], 1)
        order = torch.where(self._over[:n, None], self._kept, ranks.topk(beams)[1])
        self._done_scores[:n] = ranks.gather(1, order)
        self._done[:n] = torch.cat([self._done[:n], now], 1).gather(1, order)
        lengths = torch.cat([self._done_lengths[:n], at[:, None].expand_as(now)], 1)
        self._done_lengths[:n] = lengths.gather(1, order)
        longer = self._extended(parents, ids, at)
        length = longer.shape[2]
        sequences = torch.cat([self._done_ids[:n, :, :length], longer], 1)
        self._done_ids[:n, :, :length] = sequences.gather(1, order[:, :, None].expand(-1, -1, length))

    def _settled(self, n: int, ended: Tensor, at: Tensor) -> Tensor:
        """Whether a slot's answer is settled: nothing can improve, or early stopping has all it wants, or all have ended; it
        stays so."""
        possible = self._scores[:n, :1] / (at ** self._penalties[:n])[:, None]
        worst = self._done_scores[:n].amin(1, keepdim=True)
        self._open[:n] &= (possible > torch.where(self._done[:n], worst, _NEVER)).any(1, keepdim=True)
        full = self._done[:n].all(1) & self._early[:n]
        over = self._over[:n]
        over |= ~self._open[:n, 0] | full | ended.all(1)
        return over

    def _extended(self, parents: Tensor, ids: Tensor, at: Tensor) -> Tensor:
        """The sequences of `parents` with `ids` at the positions `at`: (n, candidates, longest so far)."""
        length = max(self.positions[: len(parents)]) + 2
        sequences = self.ids[: len(parents), :, :length].gather(1, parents[:, :, None].expand(-1, -1, length))
        return sequences.scatter_(2, at[:, None, None].expand(-1, parents.shape[1], 1), ids[:, :, None])
