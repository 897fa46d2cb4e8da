"""Sentences in, sentences out: what stands between text and a translation engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from models.enforcement import Applied, enforce, missing, variant
from models.engine.protocol import Generation, Item
from models.glossary import Glossary, Match
from models.guard import Fault, fault
from models.repair import Output, Task, cautious, decode
from models.text.comparing import comparison
from models.text.segment import split_long
from models.text.stems import spans
from models.work import Model, Work

_SURE = 0.3  # weight from which on a word surely renders another
_GROWTH, _FLOOR = 3, 32  # a translation longer than three times its source (in tokens) has lost its way


@dataclass(frozen=True, slots=True)
class Translated:
    """One text's translation; `fault` is what the guard still finds wrong with it, `repaired` that it is a second attempt.

    `applied` tells of every term of the glossary that stands in the text, in order.
    """

    text: str
    fault: Fault | None = None
    repaired: bool = False
    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class Translator:
    """One language pair, ready to translate. `prefix` selects the target of a checkpoint with several."""

    model: Model
    source: str
    target: str
    prefix: str = ""

    async def translate(
        self, texts: Sequence[str], work: Work, glossary: Glossary | None = None, *, cautiously: bool = False
    ) -> list[Translated]:
        """One translation for each text, in order; equal texts are translated once, a blank one is itself.

        A text beyond the model's length is split at clause marks and its parts are joined again; nothing is cut. What the guard
        finds fault with is decoded once more, more safely. Texts that hold terms of the glossary (in the source language) and do
        not have their translations are translated again, all together; see `models.enforcement`. `cautiously`: with safer
        settings from the first.
        """
        done = await self._decoded(texts, work, cautiously)
        if glossary:
            found = await work.text(lambda: {text: matches for text in done if (matches := glossary.find(text))})
            done |= await self._enforced(found, done, work)
        return [done.get(text, Translated(text)) for text in texts]

    async def _enforced(
        self, found: Mapping[str, Sequence[Match]], done: Mapping[str, Translated], work: Work
    ) -> dict[str, Translated]:
        """The texts in which terms were `found`, with what became of them."""
        wanting = {text: left for text, matches in found.items() if (left := missing(done[text].text, matches))}
        variants = {text: variant(text, left) for text, left in wanting.items()}
        entries = dict.fromkeys(match.entry for left in wanting.values() for match in left)
        more = await self._decoded([*variants.values(), *(entry.source for entry in entries)], work)
        alone = {entry: more[entry.source].text for entry in entries}

        def enforced(text: str) -> Translated:
            plain = done[text]
            other = more[variants[text]].text if text in variants else plain.text
            judge = partial(self._judge, text)
            written, applied = enforce(found[text], plain.text, other, alone, judge, self._elsewhere(text))
            if written == plain.text:
                return replace(plain, applied=applied)
            return replace(plain, text=written, fault=self._judge(text, written), applied=applied)

        return await work.text(lambda: {text: enforced(text) for text in found})

    async def _decoded(self, texts: Sequence[str], work: Work, cautiously: bool = False) -> dict[str, Translated]:
        """The translation of each text that is not blank, decoded once where texts are equal; or remembered."""
        unique = list(dict.fromkeys(text for text in texts if text.strip()))
        if work.memo is None or not unique:
            return await self._made(unique, work, cautiously)
        work.used[self.model.id] = self.model  # it made what is remembered, too
        maker = f"{self.model.identity} {self.source} {self.target} {self.prefix} {'cautiously' if cautiously else ''}"
        known = await work.memo.translations(
            maker, unique, work.lane, lambda wanted: self._made(wanted, work, cautiously)
        )
        return dict(known)

    async def _made(self, unique: Sequence[str], work: Work, cautiously: bool) -> dict[str, Translated]:
        tasks = await work.text(lambda: {text: self.tasks(text) for text in unique})
        every = [task for text in unique for task in tasks[text]]
        outputs = iter(await decode(self.model, cautious(every) if cautiously else every, self._judge, work))
        return {text: _joined([next(outputs) for _ in tasks[text]]) for text in unique}

    def tasks(self, text: str) -> list[Task]:
        """What is decoded for one text: the whole of it, or parts that the model can read."""
        whole = self._task(text)  # most texts fit, and are tokenized once
        fits = len(whole.item.ids) <= self.model.tokenizer.limit
        return [whole] if fits else [self._task(part) for part in self._split(text)]

    def _elsewhere(self, text: str) -> Callable[[str, Match], bool]:
        """Whether a word of a translation of `text` renders a word outside a match, as far as a word table can tell."""
        how = comparison(self.target, self.source, [text])

        def elsewhere(word: str, match: Match) -> bool:
            rest = f"{text[: match.start]} {text[match.end :]}"
            keys = {key for start, end in spans(rest) for key in how.keys(rest[start:end])}
            return any(share >= _SURE and key in keys for key, share in how.sources(word).items())

        return elsewhere

    def _judge(self, source: str, output: str) -> Fault | None:
        return fault(source, output, self.source, self.target)

    def _split(self, text: str) -> list[str]:
        tokenizer = self.model.tokenizer

        def fits(part: str) -> bool:
            return tokenizer.count(part.strip(), self.prefix) <= tokenizer.limit

        return [part.strip() for part in split_long(text, fits, self.source)]

    def _task(self, text: str) -> Task:
        ids = tuple(self.model.tokenizer.encode(text, self.prefix))
        return Task(text, Item(ids, _bounded(self.model.settings, len(ids))))


def _joined(parts: Sequence[Output]) -> Translated:
    """A text's parts as one translation, with the fault of the first part that has one."""
    faults = (part.fault for part in parts if part.fault)
    return Translated(" ".join(part.text for part in parts), next(faults, None), any(part.repaired for part in parts))


def _bounded(settings: Generation, length: int) -> Generation:
    """The settings for a source of `length` tokens. The bound is a power of two: items of equal settings are decoded together."""
    bound = 1 << (_GROWTH * length + _FLOOR - 1).bit_length()
    return replace(settings, max_tokens=min(settings.max_tokens, bound))
