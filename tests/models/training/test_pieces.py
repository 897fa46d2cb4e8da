"""Vocabularies: what is trained here is what the Hub's tokenizers read back."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tokenize import tokenizer
from models.training.data import read_corpus
from models.training.pieces import (
    EOS,
    PAD,
    SENTINELS,
    UNK,
    Pieces,
    copy_tokenizer,
    marian_pieces,
    seed_sampling,
    train_pieces,
)  # fmt: skip
from tests.support.checkpoints import TINY_MARIAN, marian

TEXT = "أعلن الوزير أمس أن المدينة افتتحت 250 مدرسة. The minister opened 1,250 schools."


def test_a_small_corpus_gives_fewer_pieces_than_asked_for(tmp_path: Path) -> None:
    train_pieces(["نعم لا", "yes no"] * 3, 8000, tmp_path / "x.spm")
    assert 256 < len(Pieces(tmp_path / "x.spm")) < 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.spm"]


def test_the_symbols_have_their_ids(marian_folder: Path, mt5_folder: Path) -> None:
    source, target = marian_pieces(marian_folder)
    for pieces in (source, target, Pieces(mt5_folder / "spiece.model")):
        assert (pieces.pad, pieces.eos, pieces.unknown) == (PAD, EOS, UNK)
    assert source.masks == []
    assert len(Pieces(mt5_folder / "spiece.model").masks) == len(SENTINELS)


@given(text=st.text("اأبتنيو abc.,0123456789٠١٢", max_size=40))
def test_text_comes_back_from_its_ids(marian_folder: Path, mt5_folder: Path, text: str) -> None:
    for pieces in (marian_pieces(marian_folder)[0], Pieces(mt5_folder / "spiece.model")):
        ids = pieces.encode(text)
        assert ids[-1] == pieces.eos
        assert pieces.unknown not in ids
        assert pieces.decode(ids) == " ".join(text.split())


def test_numbers_are_read_digit_by_digit_and_unknown_characters_as_bytes(marian_folder: Path) -> None:
    pieces = marian_pieces(marian_folder)[0]
    assert len(pieces.encode("77777")) - len(pieces.encode("777")) == 2
    assert pieces.decode(pieces.encode("中 ☃")) == "中 ☃"
    assert pieces.unknown not in pieces.encode("中 ☃")


def test_no_text_can_contain_a_mask_or_another_symbol(mt5_folder: Path) -> None:
    pieces = Pieces(mt5_folder / "spiece.model")
    assert not {pieces.pad, *pieces.masks} & set(pieces.encode("<pad> <extra_id_0> </s>"))
    assert pieces.encode("a </s> b").count(pieces.eos) == 1


def test_symbols_and_ids_beyond_the_vocabulary_are_left_out_of_the_text(mt5_folder: Path) -> None:
    pieces = Pieces(mt5_folder / "spiece.model")
    ids = pieces.encode("the minister")
    assert pieces.decode([PAD, *ids, PAD, pieces.masks[0], len(pieces), 10**6]) == "the minister"


def test_sampling_varies_and_repeats_with_its_seed(marian_folder: Path) -> None:
    pieces = marian_pieces(marian_folder)[0]

    def sampled(seed: int) -> list[list[int]]:
        seed_sampling(seed)
        return [pieces.encode(TEXT, alpha=0.1) for _ in range(8)]

    first = sampled(1)
    assert len({tuple(ids) for ids in first}) > 1
    assert all(pieces.decode(ids) == TEXT for ids in first)
    assert sampled(1) == first != sampled(2)
    assert pieces.encode(TEXT) == pieces.encode(TEXT)


def test_marian_tokenizer_gives_the_same_ids(marian_folder: Path) -> None:
    source, target = marian_pieces(marian_folder)
    hub = tokenizer(marian_folder, "marian", 512)
    for text in (TEXT, "中 ☃ ٢٥٠", *(pair.ar for pair in read_corpus().pairs("validation")[:100])):
        assert hub.encode(text) == source.encode(text)
        assert hub.decode(target.encode(text)) == target.decode(target.encode(text))


def test_t5_tokenizer_gives_the_same_ids_where_it_needs_no_bytes(mt5_folder: Path) -> None:
    pieces = Pieces(mt5_folder / "spiece.model")
    hub = tokenizer(mt5_folder, "mt5", 512)
    for text in ("أعلن الوزير أمس", "the minister opened the school.", "الجسر  اليوم", ""):
        assert hub.encode(text) == pieces.encode(text)
        assert hub.decode(pieces.encode(text)) == pieces.decode(pieces.encode(text))


def test_t5_tokenizer_knows_no_bytes(mt5_folder: Path) -> None:
    """transformers reads `spiece.model` without byte fallback: a character outside the vocabulary is unknown to it."""
    pieces = Pieces(mt5_folder / "spiece.model")
    assert UNK in tokenizer(mt5_folder, "mt5", 512).encode("the 中")
    assert UNK not in pieces.encode("the 中")


def test_a_checkpoint_of_the_hub_has_ids_of_its_own(tmp_path: Path) -> None:
    marian(tmp_path, TINY_MARIAN)
    source, _ = marian_pieces(tmp_path)
    assert (source.pad, source.eos, source.unknown, len(source)) == (399, 0, 1, 400)
    assert source.encode("the minister said") == tokenizer(tmp_path, "marian", 64).encode("the minister said")


def test_masks_are_found_in_the_spelling_of_googles_checkpoints(mt5_folder: Path) -> None:
    ids = {"<pad>": 0, "</s>": 1, "<unk>": 2, "▁<extra_id_1>": 7, "▁<extra_id_0>": 8}
    assert Pieces(mt5_folder / "spiece.model", ids).masks == [8, 7]


def test_a_vocabulary_without_a_symbol_is_refused(mt5_folder: Path) -> None:
    with pytest.raises(KeyError, match="<unk>"):
        Pieces(mt5_folder / "spiece.model", {"<pad>": 0, "</s>": 1})


def test_tokenizer_files_are_copied_also_onto_themselves(marian_folder: Path, tmp_path: Path) -> None:
    copy_tokenizer(marian_folder, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source.spm", "target.spm", "vocab.json"]
    copy_tokenizer(tmp_path, tmp_path)
    assert json.loads((tmp_path / "vocab.json").read_text(encoding="utf-8"))["<pad>"] == PAD
