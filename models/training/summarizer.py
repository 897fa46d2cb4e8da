"""Training an mT5 summarizer: Arabic articles to Arabic summaries and English to English, with what helps a small model to copy.

The aids, all made from the same articles and fading out over the first half of training: repeating a marked sentence, first
alone and then among more and more others, generating one that was taken out (Zhang 2020, PEGASUS), and span corruption
(Raffel 2020, T5).
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from transformers import MT5Config, MT5ForConditionalGeneration, PreTrainedModel

from models.metrics import rouge
from models.training.augment import swap_numbers_across
from models.training.batches import Batch, Example, batches
from models.training.data import Article, Corpus, Pair
from models.training.greedy import greedy
from models.training.names import shared, swap_names
from models.training.pieces import EOS, PAD, Pieces, copy_tokenizer, seed_sampling

LANGUAGES = ("ar", "en")
_AIDED = 0.5  # the part of training that has aids
_LONGEST = 84  # tokens of a summary: what XL-Sum's model generates at most


def new_summarizer(
    vocabulary: int, width: int = 256, inner: int = 512, layers: tuple[int, int] = (4, 3)
) -> PreTrainedModel:
    """An untrained mT5 of `vocabulary` pieces and (encoder, decoder) `layers`, input and output embedding shared."""
    config = MT5Config(
        vocab_size=vocabulary,
        d_model=width,
        d_kv=64,
        d_ff=inner,
        num_layers=layers[0],
        num_decoder_layers=layers[1],
        num_heads=width // 64,
        dropout_rate=0.1,
        feed_forward_proj="gated-gelu",
        pad_token_id=PAD,
        eos_token_id=EOS,
        decoder_start_token_id=PAD,
    )
    model = MT5ForConditionalGeneration(config)
    with torch.no_grad():
        model.shared.weight.mul_(0.1)  # it is the output layer too, and would start with logits of a width of sixteen
    generation = model.generation_config
    # No ban on repeated n-grams: numbers are written digit by digit, and 10,000 and 20,000 share three of them.
    generation.max_length, generation.num_beams, generation.length_penalty = _LONGEST, 4, 0.6
    return model


class Summaries:
    """The articles of a corpus with their summaries, in both languages."""

    score = "rouge_l"

    def __init__(self, corpus: Corpus, folder: Path, tokens: int = 4000, alpha: float = 0.4, seed: int = 21) -> None:
        """`folder` holds the checkpoint's tokenizer (`spiece.model`)."""
        self.corpus, self.folder, self.tokens, self.alpha, self.seed = corpus, folder, tokens, alpha, seed
        self.pieces = Pieces(folder / "spiece.model")

    def epoch(self, number: int, done: float) -> Iterator[Batch]:
        """The batches of pass `number`, the same every time; `done` (0 to 1) is how far training was when the pass began."""
        rng = random.Random(self.seed * 1_000_003 + number)
        seed_sampling(rng.getrandbits(32))
        aids = max(0.0, 1 - done / _AIDED) if self.pieces.masks else 0.0
        reach = 1 + int(6 * done / _AIDED)  # sentences around the one to repeat
        examples = []
        for article in self.corpus.articles["train"]:
            for language in LANGUAGES:
                sentences, summary = _augmented(article, language, rng)
                if rng.random() > 0.7 * aids:
                    examples.append(self._example(_thinned(sentences, rng), summary, rng))
                examples += [self._marked(_window(sentences, reach, rng), rng) for _ in range(3) if rng.random() < aids]
                if rng.random() < 0.5 * aids:
                    examples.append(self._corrupted(_window(sentences, 3, rng), rng))
        yield from batches(examples, self.tokens, self.pieces.pad, rng)

    def evaluate(self, model: PreTrainedModel) -> dict[str, float]:
        """ROUGE of greedy summaries of the validation articles (never the test)."""
        scores = {}
        for language in LANGUAGES:
            articles = self.corpus.articles["validation"][::2]
            sources = [self.pieces.encode(article.text(language)) for article in articles]
            outputs = greedy(model, sources, self.pieces, lambda _: _LONGEST)
            scores[language] = rouge(outputs, [article.summary.side(language) for article in articles]).rouge_l
        return {"rouge_l": sum(scores.values()) / 2, **{f"rouge_l_{name}": value for name, value in scores.items()}}

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write a float32 checkpoint in the Hub's format."""
        model.save_pretrained(folder)
        copy_tokenizer(self.folder, folder)

    def _example(self, sentences: Sequence[str], target: str, rng: random.Random) -> Example:
        alpha = self.alpha if rng.random() < 0.3 else 0.0
        return Example(self.pieces.encode(" ".join(sentences), alpha), self.pieces.encode(target))

    def _marked(self, sentences: Sequence[str], rng: random.Random) -> Example:
        """One of the sentences, to be repeated from between two masks; one time in eight only the masks are left."""
        place = rng.randrange(len(sentences))
        before = self.pieces.encode(" ".join(sentences[:place]))[:-1]
        kept = self.pieces.encode(sentences[place])[:-1] if rng.random() < 7 / 8 or len(sentences) == 1 else []
        after = self.pieces.encode(" ".join(sentences[place + 1 :]))
        mask = self.pieces.masks[-1:]
        return Example([*before, *mask, *kept, *mask, *after], self.pieces.encode(sentences[place]))

    def _corrupted(self, sentences: Sequence[str], rng: random.Random) -> Example:
        """T5's span corruption: about 15% of the tokens, in spans of three on average, become mask symbols to be filled."""
        ids = self.pieces.encode(" ".join(sentences))[:-1]
        source: list[int] = []
        target: list[int] = []
        place, masks = 0, 0
        while place < len(ids):
            if masks < len(self.pieces.masks) - 1 and rng.random() < 0.06:
                length = rng.randint(1, 5)
                mask = self.pieces.masks[masks]
                source.append(mask)
                target += [mask, *ids[place : place + length]]
                masks, place = masks + 1, place + length
            else:
                source.append(ids[place])
                place += 1
        return Example([*source, self.pieces.eos], [*target, self.pieces.eos])


def _augmented(article: Article, language: str, rng: random.Random) -> tuple[list[str], str]:
    """(sentences, summary) in one language, three times in five each with other numbers and with other names throughout."""
    texts = [pair.side(language) for pair in (article.summary, *article.sentences)]
    if rng.random() < 0.6:
        texts = swap_numbers_across(texts, rng)
    if rng.random() < 0.6:
        known = shared(Pair(*("\n".join(pair.side(side) for pair in article.pairs()) for side in LANGUAGES)))
        texts = swap_names(texts, language, known, rng)
    summary, *sentences = texts
    return sentences, summary


def _thinned(sentences: Sequence[str], rng: random.Random) -> list[str]:
    """The article, two times in three without some of the sentences after the second."""
    if rng.random() < 1 / 3:
        return list(sentences)
    return [*sentences[:2], *(sentence for sentence in sentences[2:] if rng.random() < 0.6)]


def _window(sentences: Sequence[str], most: int, rng: random.Random) -> Sequence[str]:
    """Up to `most` sentences in a row."""
    start = rng.randint(0, max(0, len(sentences) - most))
    return sentences[start : start + most]
