"""Sentencepiece vocabularies: trained for a new checkpoint, or read from an existing one, with subword sampling.

Subword sampling: Kudo 2018, "Subword Regularization" (arXiv:1804.10959).
"""

import io
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import sentencepiece

PAD, EOS, UNK = 0, 1, 2  # of the vocabularies that are trained here; a checkpoint from elsewhere has its own
SENTINELS = tuple(f"<extra_id_{n}>" for n in range(32))
TOKENIZER_FILES = ("source.spm", "target.spm", "vocab.json", "spiece.model", "tokenizer_config.json")


def train_pieces(lines: Iterable[str], size: int, path: Path, sentinels: bool = False) -> None:
    """Train a unigram vocabulary of `size` pieces, or of fewer where `lines` yield no more, and write it to `path`.

    Digits are split (numbers are copied digit by digit) and unknown characters fall back to bytes (nothing is unreadable).
    `sentinels` adds the mask symbols of span corruption as control symbols, which no text can contain.
    """
    model = io.BytesIO()  # not a file of the trainer's: it would write that file's path into the model
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        vocab_size=size,
        hard_vocab_limit=False,
        model_type="unigram",
        character_coverage=1.0,
        byte_fallback=True,
        split_digits=True,
        pad_id=PAD,
        eos_id=EOS,
        unk_id=UNK,
        bos_id=-1,
        control_symbols=list(SENTINELS) if sentinels else [],
        num_threads=2,
        minloglevel=2,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.getvalue())


def seed_sampling(seed: int) -> None:
    """Make the segmentations that `Pieces.encode` samples from now on repeatable."""
    sentencepiece.set_random_generator_seed(seed)


class Pieces:
    """Text to model ids and back for one side of a checkpoint.

    `ids` maps pieces to model ids where they differ from the sentencepiece ids (Marian's `vocab.json`). `masks` are the ids of
    the mask symbols that the vocabulary has, in their order: none in a translator's.
    """

    def __init__(self, path: Path, ids: dict[str, int] | None = None) -> None:
        """Raises KeyError when the vocabulary lacks one of `<pad>`, `</s>` and `<unk>`."""
        self._processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self._ids = ids or {self._processor.id_to_piece(index): index for index in range(len(self._processor))}
        self._pieces = {index: piece for piece, index in self._ids.items()}
        self.pad, self.eos, self.unknown = (self._ids[symbol] for symbol in ("<pad>", "</s>", "<unk>"))
        spellings = (spelling for mask in SENTINELS for spelling in (mask, f"▁{mask}"))  # the second is Google's mT5
        self.masks = [self._ids[spelling] for spelling in spellings if spelling in self._ids]

    def encode(self, text: str, alpha: float = 0.0) -> list[int]:
        """Ids with the end symbol; `alpha` > 0 samples a segmentation (smaller is more varied)."""
        pieces = self._processor.encode(text, out_type=str, enable_sampling=alpha > 0, alpha=alpha, nbest_size=-1)
        return [*(self._ids.get(piece, self.unknown) for piece in pieces), self.eos]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, symbols left out, and so are ids that a model has beyond its vocabulary."""
        pieces = [self._pieces[index] for index in ids if index in self._pieces and index not in (self.pad, self.eos)]
        return str(self._processor.decode_pieces(pieces))

    def __len__(self) -> int:
        return len(self._ids)


def marian_pieces(folder: Path) -> tuple[Pieces, Pieces]:
    """The source and target pieces of a Marian checkpoint in the Hub's format."""
    ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    return Pieces(folder / "source.spm", ids), Pieces(folder / "target.spm", ids)


def write_marian_vocabulary(spm: Path, folder: Path) -> None:
    """Lay out one shared vocabulary as Marian's tokenizer expects: `source.spm`, `target.spm` and `vocab.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(spm.read_bytes())
    vocabulary = {processor.id_to_piece(index): index for index in range(len(processor))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0), encoding="utf-8")


def write_mt5_vocabulary(spm: Path, folder: Path) -> None:
    """Lay out a vocabulary as T5's tokenizer expects: `spiece.model`, and that no symbols are added to it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(spm.read_bytes())
    settings = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def copy_tokenizer(checkpoint: Path, folder: Path) -> None:
    """Copy the tokenizer files that `checkpoint` has into `folder`, which may be the same one."""
    for name in TOKENIZER_FILES:
        if (checkpoint / name).exists() and checkpoint.resolve() != folder.resolve():
            shutil.copyfile(checkpoint / name, folder / name)
