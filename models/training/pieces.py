"""Sentencepiece vocabularies: trained for a new checkpoint, or read from an existing one, with subword sampling.

Subword sampling: Kudo 2018, "Subword Regularization" (arXiv:1804.10959).
"""

import json
from collections.abc import Iterable
from pathlib import Path

import sentencepiece

PAD, EOS, UNK = 0, 1, 2
SENTINELS = tuple(f"<extra_id_{n}>" for n in range(32))


def train_pieces(lines: Iterable[str], size: int, path: Path, sentinels: bool = False) -> None:
    """Train a unigram vocabulary of `size` pieces on `lines` and write it to `path`.

    Digits are split (numbers are copied digit by digit) and unknown characters fall back to bytes (nothing is unreadable).
    `sentinels` adds the mask symbols of span corruption as control symbols, which no text can contain.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(path.with_suffix("")),
        vocab_size=size,
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
    path.with_suffix(".model").replace(path)
    path.with_suffix(".vocab").unlink()


class Pieces:
    """Text to model ids and back for one side of a checkpoint.

    `ids` maps pieces to model ids where they differ from the sentencepiece ids (Marian's `vocab.json`).
    """

    def __init__(self, path: Path, ids: dict[str, int] | None = None) -> None:
        self._processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self._ids = ids
        self.eos = ids["</s>"] if ids else self._processor.eos_id()

    def encode(self, text: str, alpha: float = 0.0) -> list[int]:
        """Ids with the end symbol; `alpha` > 0 samples a segmentation (smaller is more varied)."""
        sampling = {"enable_sampling": True, "alpha": alpha, "nbest_size": -1} if alpha else {}
        if self._ids is None:
            return [*self._processor.encode(text, **sampling), self.eos]
        unknown = self._ids["<unk>"]
        pieces = self._processor.encode(text, out_type=str, **sampling)
        return [*(self._ids.get(piece, unknown) for piece in pieces), self.eos]

    def id(self, piece: str) -> int:
        """The id of one symbol, which must be in the vocabulary."""
        return int(self._processor.piece_to_id(piece))

    def __len__(self) -> int:
        return len(self._ids) if self._ids else len(self._processor)


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
