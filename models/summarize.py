"""An article's sentences in, a summary in the same language out."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.engine.protocol import Item
from models.extract import window
from models.guard import Fault, fault
from models.repair import Task, cautious, decode
from models.text.segment import split_long
from models.work import Model, Work


@dataclass(frozen=True, slots=True)
class Summary:
    """What the model wrote, and the indexes of the sentences it read whole.

    `fault` is what the guard still finds wrong with it, `repaired` that it is a second attempt.
    """

    text: str
    read: tuple[int, ...]
    fault: Fault | None = None
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Summarizer:
    """One summarization model, reading articles of one language."""

    model: Model
    language: str

    async def summarize(self, sentences: Sequence[str], work: Work, *, cautiously: bool = False) -> Summary:
        """Summarize an article given as its sentences (at least one).

        Where they exceed what the model reads, the sentences that carry the story are chosen instead of the first ones. A summary
        that the guard finds fault with is written once more, more safely; `cautiously`: with safer settings from the first.
        """
        item, read = await work.text(self._input, sentences)
        tasks = [Task(" ".join(sentences), item)]
        (written,) = await decode(self.model, cautious(tasks) if cautiously else tasks, self._judge, work)
        return Summary(written.text, tuple(read), written.fault, written.repaired)

    def _judge(self, article: str, summary: str) -> Fault | None:
        return fault(article, summary, self.language, self.language)

    def _input(self, sentences: Sequence[str]) -> tuple[Item, list[int]]:
        tokenizer = self.model.tokenizer
        lengths = [tokenizer.count(sentence) - 1 for sentence in sentences]  # one end symbol serves them all
        read = window(sentences, lengths, tokenizer.limit - 1)
        text = " ".join(sentences[index] for index in read)
        if tokenizer.count(text) > tokenizer.limit:  # one sentence longer than the model reads: its first clauses
            text = split_long(text, lambda part: tokenizer.count(part) <= tokenizer.limit, self.language)[0]
            read = []
        return Item(tuple(tokenizer.encode(text)), self.model.settings), read
