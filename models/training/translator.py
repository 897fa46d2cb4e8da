"""Training a MarianMT translator: the examples, the shape of a new one, the score, the checkpoint."""

import random
from collections.abc import Iterator
from pathlib import Path

from transformers import MarianConfig, MarianMTModel, PreTrainedModel

from models.metrics import chrf
from models.training.augment import joined_neighbours, swap_numbers
from models.training.batches import Batch, Example, batches
from models.training.data import Corpus, Pair
from models.training.greedy import greedy
from models.training.names import swap_pair_names
from models.training.pieces import EOS, PAD, copy_tokenizer, marian_pieces, seed_sampling


def new_translator(
    vocabulary: int, width: int = 256, inner: int = 1024, layers: tuple[int, int] = (4, 3), dropout: float = 0.2
) -> MarianMTModel:
    """An untrained MarianMT with one shared embedding of `vocabulary` pieces and (encoder, decoder) `layers`."""
    config = MarianConfig(
        vocab_size=vocabulary,
        d_model=width,
        encoder_layers=layers[0],
        decoder_layers=layers[1],
        encoder_ffn_dim=inner,
        decoder_ffn_dim=inner,
        encoder_attention_heads=width // 64,
        decoder_attention_heads=width // 64,
        activation_function="relu",
        dropout=dropout,
        max_position_embeddings=512,
        scale_embedding=True,
        share_encoder_decoder_embeddings=True,
        tie_word_embeddings=True,
        pad_token_id=PAD,
        eos_token_id=EOS,
        forced_eos_token_id=EOS,
        decoder_start_token_id=PAD,
    )
    model = MarianMTModel(config)
    generation = model.generation_config
    generation.max_length, generation.num_beams, generation.bad_words_ids = 256, 4, [[PAD]]
    generation.length_penalty = 1.3  # chosen on the validation articles
    generation.pad_token_id, generation.eos_token_id, generation.decoder_start_token_id = PAD, EOS, PAD
    return model


class Translation:
    """Arabic to English on a corpus: sampled segmentations, swapped numbers and names, and joined sentences at every pass."""

    score = "chrf"

    def __init__(self, corpus: Corpus, folder: Path, tokens: int = 3200, alpha: float = 0.4, seed: int = 20) -> None:
        """`folder` holds the tokenizer of the checkpoint (source.spm, target.spm, vocab.json)."""
        self.corpus, self.folder, self.tokens, self.alpha, self.seed = corpus, folder, tokens, alpha, seed
        self.source, self.target = marian_pieces(folder)

    def epoch(self, number: int, done: float) -> Iterator[Batch]:
        """The batches of pass `number`, the same every time, however far training is `done`."""
        rng = random.Random(self.seed * 1_000_003 + number)
        seed_sampling(rng.getrandbits(32))
        pairs = list(self.corpus.pairs("train"))
        for article in self.corpus.articles["train"]:
            pairs += joined_neighbours(article.sentences, 0.15, rng)
        examples = [self._example(_varied(pair, rng), rng) for pair in pairs]
        yield from batches(examples, self.tokens, self.source.pad, rng)

    def evaluate(self, model: PreTrainedModel) -> dict[str, float]:
        """chrF of greedy translations of a fixed part of the validation articles (never the test)."""
        pairs = self.corpus.pairs("validation")[::5]
        sources = [self.source.encode(pair.ar) for pair in pairs]
        most = model.config.max_position_embeddings - 1
        outputs = greedy(model, sources, self.target, lambda length: min(2 * length + 10, most))
        return {"chrf": chrf(outputs, [[pair.en for pair in pairs]])}

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        """Write a float32 checkpoint in the Hub's format."""
        model.save_pretrained(folder)
        copy_tokenizer(self.folder, folder)

    def _example(self, pair: Pair, rng: random.Random) -> Example:
        source, target = (self.alpha if rng.random() < 0.6 else 0.0 for _ in range(2))
        return Example(self.source.encode(pair.ar, source), self.target.encode(pair.en, target))


def _varied(pair: Pair, rng: random.Random) -> Pair:
    """The pair with other numbers and other names, every second time each."""
    if rng.random() < 0.5:
        pair = swap_numbers(pair, rng)
    return swap_pair_names(pair, rng) if rng.random() < 0.5 else pair
