"""Sentences in, sentences out: what stands between text and a translation engine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.engine.protocol import Generation, Item
from models.text.segment import split_long
from models.work import Model, Work

_GROWTH, _FLOOR = 3, 32  # a translation longer than three times its source (in tokens) has lost its way


@dataclass(frozen=True, slots=True)
class Translator:
    """One language pair, ready to translate. `prefix` selects the target of a checkpoint with several."""

    model: Model
    source: str
    target: str
    prefix: str = ""

    async def translate(self, texts: Sequence[str], work: Work) -> list[str]:
        """One translation for each text, in order; equal texts are translated once, a blank one is itself.

        A text beyond the model's length is split at clause marks and its parts are joined again; nothing is cut.
        """
        unique = list(dict.fromkeys(text for text in texts if text.strip()))
        parts = await work.text(self._parts, unique)
        items = [item for text in unique for item in parts[text]]
        outputs = iter(await work.decode(self.model, items))
        done = {text: " ".join([next(outputs) for _ in parts[text]]) for text in unique}
        return [done.get(text, text) for text in texts]

    def _parts(self, texts: Sequence[str]) -> dict[str, list[Item]]:
        return {text: self._items(text) for text in texts}

    def _items(self, text: str) -> list[Item]:
        whole = self._item(text)  # most texts fit, and are tokenized once
        fits = len(whole.ids) <= self.model.tokenizer.limit
        return [whole] if fits else [self._item(part) for part in self._split(text)]

    def _split(self, text: str) -> list[str]:
        tokenizer = self.model.tokenizer

        def fits(part: str) -> bool:
            return tokenizer.count(part.strip(), self.prefix) <= tokenizer.limit

        return [part.strip() for part in split_long(text, fits, self.source)]

    def _item(self, text: str) -> Item:
        ids = tuple(self.model.tokenizer.encode(text, self.prefix))
        return Item(ids, _bounded(self.model.settings, len(ids)))


def _bounded(settings: Generation, length: int) -> Generation:
    """The settings for a source of `length` tokens. The bound is a power of two: items of equal settings are decoded together."""
    bound = 1 << (_GROWTH * length + _FLOOR - 1).bit_length()
    return replace(settings, max_tokens=min(settings.max_tokens, bound))
