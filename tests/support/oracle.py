"""The oracle of the engines: `transformers.generate`, and how near each of its decisions was.

Two correct float32 implementations round differently, and where two candidates are almost equal, they may choose differently. So
an engine's answer may differ from the oracle's where the oracle's *margin* is tiny: the smallest gap between what any step of its
search chose and what it left. The margin is computed by doing the search again, from the scores of every step.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.engine.protocol import Generation, Item
from models.engine.reference import ReferenceEngine

CLOSE = 1e-4
"""Below this margin an answer may differ from the oracle's."""
SHARE = 0.001
"""How many of the answers may, at most; one, where there are few."""

_NEVER = -1e9  # what transformers gives to candidates that are out of the race
_RACE = -1e8  # all that is still in it is above this


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is not the oracle's, and the oracle's margin."""

    item: Item
    got: tuple[int, ...]
    expected: tuple[int, ...]
    margin: float

    def __str__(self) -> str:
        asked = f"{len(self.item.ids)} ids, {self.item.settings}"
        return f"margin {self.margin:.2e}: {asked}: {list(self.got)}, not {list(self.expected)}"


def unallowed(differences: Sequence[Difference], answers: int) -> list[Difference]:
    """Those among so many `answers` that may not be: decisions that were not close, or all of them where they are not few."""
    if len(differences) > max(1, SHARE * answers):
        return list(differences)
    return [difference for difference in differences if difference.margin >= CLOSE]


class Oracle:
    """What `transformers.generate` says, asked as the reference engine asks it."""

    def __init__(self, model: Any, capacity: int = 50_000) -> None:
        """`model`: a MarianMTModel or MT5ForConditionalGeneration. `capacity`: the tokens of one call."""
        self._model = model
        self._engine = ReferenceEngine(model, capacity)
        ends = model.generation_config.eos_token_id
        self._ends = frozenset(ends if isinstance(ends, list) else [ends])
        self._special = self._ends | {
            model.generation_config.pad_token_id,
            model.generation_config.decoder_start_token_id,
        }

    def answers(self, items: Sequence[Item]) -> dict[Item, tuple[int, ...]]:
        """The ids of each item, decoded in batches."""
        self._engine.admit(items)
        finished = self._engine.step()
        assert not [done.error for done in finished if done.error]
        return {done.item: done.ids for done in finished}

    def replay(self, item: Item) -> "Replay":
        """The search for this item by itself, done again from its scores."""
        kept: dict[str, Any] = {}
        generate = self._model.generate

        def traced(**inputs: Any) -> Any:
            inputs["generation_config"].update(output_scores=True, return_dict_in_generate=True)
            kept["output"] = generate(**inputs)
            return kept["output"].sequences

        self._model.generate = traced
        try:
            alone = self.answers([item])[item]
        finally:
            del self._model.generate
        replay = Replay(kept["output"].scores, item.settings, self._ends, self._special)
        if replay.margin > 1e-6:
            assert replay.ids == alone, "the oracle's search was not done again as it was"
        return replay

    def differences(self, answers: Mapping[Item, tuple[int, ...]]) -> list[Difference]:
        """The answers that are not the oracle's: neither in a batch of its own nor alone."""
        expected = self.answers(list(answers))
        found = []
        for item, got in answers.items():
            if got != expected[item]:
                replay = self.replay(item)
                if got != replay.ids:
                    found.append(Difference(item, got, replay.ids, replay.margin))
        return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sequence of ids without the start symbol; once it is finished, `score` is that by its length."""

    score: float
    ids: tuple[int, ...]
    real: bool = True


class Replay:
    """One search of `transformers.generate` again: what it answers, and the smallest gap of any decision on the way."""

    def __init__(
        self, scores: Sequence[Tensor], settings: Generation, ends: frozenset[int], special: frozenset[int]
    ) -> None:
        """`scores`: of each step, (beams, vocabulary): logits for greedy search, else log-probabilities, processed."""
        self.margin = math.inf
        self._settings, self._ends, self._special = settings, ends, special
        self.ids = self._greedy(scores) if settings.beams == 1 else self._beams(scores)

    def _greedy(self, scores: Sequence[Tensor]) -> tuple[int, ...]:
        ids = []
        for step in scores:
            (first, second), places = step[0].topk(2)
            self._gap(first.item(), second.item())
            ids.append(int(places[0]))
        return self._plain(ids)

    def _beams(self, scores: Sequence[Tensor]) -> tuple[int, ...]:
        beams = self._settings.beams
        running = [Candidate(0.0, ())] + [Candidate(_NEVER, ())] * (beams - 1)
        done = [Candidate(_NEVER, (), real=False)] * beams
        for at, step in enumerate(scores, 1):
            candidates = self._continue(step, running)
            ended = [self._has_ended(candidate, at) for candidate in candidates]
            last = at == self._settings.max_tokens
            going = [candidate for candidate, end in zip(candidates, ended, strict=True) if not end]
            if not last:
                self._gap(going[beams - 1].score, going[beams].score)
                running = going[:beams]
            done = self._finish(candidates, ended, done, at)
            full = all(candidate.real for candidate in done)
            if full and not last and not self._settings.early_stopping:
                self._gap(running[0].score / at**self._settings.length_penalty, done[-1].score)
        rest = [other for other in done[1:] if self._plain(other.ids) != self._plain(done[0].ids)]
        if rest:
            self._gap(done[0].score, rest[0].score)
        return self._plain(done[0].ids)

    def _continue(self, step: Tensor, running: Sequence[Candidate]) -> list[Candidate]:
        """The best continuations, and enough of them to see what was left."""
        total = step + torch.tensor([candidate.score for candidate in running])[:, None]
        values, places = total.flatten().topk((1 + max(1, len(self._ends))) * self._settings.beams + 1)
        size = step.shape[1]
        found = zip(values.tolist(), places.tolist(), strict=True)
        return [Candidate(value, (*running[place // size].ids, place % size)) for value, place in found]

    def _has_ended(self, candidate: Candidate, at: int) -> bool:
        return candidate.ids[-1] in self._ends or at == self._settings.max_tokens

    def _finish(
        self, candidates: Sequence[Candidate], ended: Sequence[bool], done: list[Candidate], at: int
    ) -> list[Candidate]:
        """The best of what is finished and of what ends now among the first `beams`."""
        beams, last = self._settings.beams, at == self._settings.max_tokens
        factor = at**self._settings.length_penalty
        for rank, candidate in enumerate(candidates):
            if ended[rank] and not last and candidate.score / factor > done[-1].score - CLOSE:
                other = candidates[beams if rank < beams else beams - 1]
                self._gap(candidate.score, other.score)
        now = [
            Candidate(c.score / factor, c.ids) for c, end in zip(candidates[:beams], ended[:beams], strict=True) if end
        ]
        merged = sorted([*done, *now], key=lambda candidate: -candidate.score)
        if now and not last:
            self._gap(merged[beams - 1].score, merged[beams].score)
        return merged[:beams]

    def _gap(self, one: float, other: float) -> None:
        if min(one, other) > _RACE:
            self.margin = min(self.margin, abs(one - other))

    def _plain(self, ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(i for i in ids if i not in self._special)
