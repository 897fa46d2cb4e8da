"""Training a MarianMT translator: the examples, the shape of a new one, the score, the checkpoint."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from sacrebleu.metrics import CHRF
from transformers import MarianConfig, MarianMTModel, PreTrainedModel

from models.training.augment import joined_neighbours, swap_numbers
from models.training.batches import Batch, Example, batches
from models.training.data import Corpus, Pair
from models.training.pieces import EOS, PAD, Pieces, marian_pieces


def new_translator(
    vocabulary: int, width: int = 320, inner: int = 1024, layers: tuple[int, int] = (4, 3), dropout: float = 0.25
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
        init_std=width**-0.5,
    )
    model = MarianMTModel(config)
    generation = model.generation_config
    generation.max_length, generation.num_beams, generation.bad_words_ids = 256, 4, [[PAD]]
    generation.pad_token_id, generation.eos_token_id, generation.decoder_start_token_id = PAD, EOS, PAD
    return model


class Translation:
    """Arabic to English on a corpus: sampled segmentations, swapped numbers and joined sentences at every pass."""

    score = "chrf"

    def __init__(self, corpus: Corpus, folder: Path, tokens: int = 3200, alpha: float = 0.4, seed: int = 20) -> None:
        """`folder` holds the tokenizer of the checkpoint (source.spm, target.spm, vocab.json)."""
        self.corpus, self.folder, self.tokens, self.alpha, self.seed = corpus, folder, tokens, alpha, seed
        self.source, self.target = marian_pieces(folder)

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of pass `number`; the same number gives the same batches."""
        rng = random.Random(self.seed * 1_000_003 + number)
        pairs = list(self.corpus.pairs("train"))
        for article in self.corpus.articles["train"]:
            pairs += joined_neighbours(article.sentences, 0.15, rng)
        examples = [self._example(swap_numbers(pair, rng) if rng.random() < 0.5 else pair, rng) for pair in pairs]
        yield from batches(examples, self.tokens, PAD, rng)

    def evaluate(self, model: PreTrainedModel) -> dict[str, float]:
        """chrF of greedy translations of a fixed part of the validation articles (never the test)."""
        pairs = self.corpus.pairs("validation")[::5]
        outputs = greedy(model, [self.source.encode(pair.ar) for pair in pairs], self.folder)
        return {"chrf": CHRF().corpus_score(outputs, [[pair.en for pair in pairs]]).score}

    def save(self, model: PreTrainedModel, folder: Path) -> None:
        save_marian(model, self.folder, folder)

    def _example(self, pair: Pair, rng: random.Random) -> Example:
        source, target = (self.alpha if rng.random() < 0.6 else 0.0 for _ in range(2))
        return Example(self.source.encode(pair.ar, source), self.target.encode(pair.en, target))


def save_marian(model: PreTrainedModel, tokenizer: Path, folder: Path) -> None:
    """Write a float32 checkpoint in the Hub's format, with the tokenizer files of `tokenizer`."""
    model.save_pretrained(folder)
    for name in ("source.spm", "target.spm", "vocab.json", "tokenizer_config.json"):
        if (tokenizer / name).exists():
            (folder / name).write_bytes((tokenizer / name).read_bytes())


@torch.inference_mode()
def greedy(model: PreTrainedModel, sources: Sequence[list[int]], folder: Path) -> list[str]:
    """Greedy outputs for id lists, in order; for watching training, not for serving."""
    import json

    import sentencepiece

    pieces = {index: piece for piece, index in json.loads((folder / "vocab.json").read_text("utf-8")).items()}
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "target.spm"))
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    outputs = [""] * len(sources)
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        longest = max(len(sources[row]) for row in rows)
        ids = torch.tensor([sources[row] + [PAD] * (longest - len(sources[row])) for row in rows], device=model.device)
        generated = model.generate(  # type: ignore[operator]
            ids, attention_mask=(ids != PAD).long(), num_beams=1, do_sample=False, max_new_tokens=2 * longest + 10
        )
        for row, line in zip(rows, generated.tolist(), strict=True):
            line = [pieces[index] for index in line[1:] if index not in (PAD, EOS)]
            outputs[row] = processor.decode_pieces(line)
    return outputs
