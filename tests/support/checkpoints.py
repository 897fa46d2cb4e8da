"""Random checkpoints in the Hub's format, of any shape, with small but real SentencePiece models."""

import io
import json
import random
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from safetensors.torch import save_file
from transformers import MarianConfig, MarianMTModel, MT5Config, MT5ForConditionalGeneration

TINY_MARIAN: dict[str, Any] = {
    "vocab_size": 400,
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 64,
}
OPUS_MT_AR_EN: dict[str, Any] = {
    "vocab_size": 62834,
    "d_model": 512,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_attention_heads": 8,
    "decoder_attention_heads": 8,
    "encoder_ffn_dim": 2048,
    "decoder_ffn_dim": 2048,
    "max_position_embeddings": 512,
}
"""The shape of Helsinki-NLP/opus-mt-ar-en (its config.json)."""
TINY_MT5: dict[str, Any] = {
    "vocab_size": 400,
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 32,
    "num_layers": 2,
    "num_decoder_layers": 2,
    "num_heads": 2,
}
XLSUM: dict[str, Any] = {
    "vocab_size": 250112,
    "d_model": 768,
    "d_kv": 64,
    "d_ff": 2048,
    "num_layers": 12,
    "num_decoder_layers": 12,
    "num_heads": 12,
}
"""The shape of csebuetnlp/mT5_multilingual_XLSum (its config.json)."""

_ARABIC = ["أعلن", "الوزير", "أمس", "أن", "المدينة", "ستفتح", "المدرسة", "الجديدة", "قريبا"]
_ENGLISH = ["the", "minister", "said", "that", "city", "school", "will", "open", "soon"]


def sentences(count: int, seed: int = 0) -> list[str]:
    """`count` sentences of Arabic and English words in random order: enough to train a small SentencePiece model."""
    draw = random.Random(seed)
    return [" ".join(draw.choices(_ARABIC + _ENGLISH, k=draw.randint(4, 12))) for _ in range(count)]


def marian(folder: Path, shape: dict[str, Any], seed: int = 0, **changes: Any) -> dict[str, torch.Tensor]:
    """Write a random MarianMT of `shape` into `folder` and return the tensors it stores (bfloat16)."""
    folder.mkdir(parents=True, exist_ok=True)
    pad = shape["vocab_size"] - 1
    settings: dict[str, Any] = {"static_position_embeddings": True}  # of the Hub's configs, unknown to MarianConfig
    config = MarianConfig(
        **shape,
        **settings,
        decoder_vocab_size=shape["vocab_size"],
        activation_function="swish",
        scale_embedding=True,
        share_encoder_decoder_embeddings=True,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
        bos_token_id=0,
    )
    config.save_pretrained(folder)
    _edit_config(folder, architectures=["MarianMTModel"], **changes)
    spm = _train_spm(vocab_size=120, control=[])
    for side in ("source.spm", "target.spm"):
        (folder / side).write_bytes(spm)
    pieces = _pieces(spm)
    vocab = {"</s>": 0, "<unk>": 1} | {p: i for i, p in enumerate([">>ara<<", *pieces], start=2)}
    vocab |= {f"▁filler{i}": i for i in range(len(vocab), pad)} | {"<pad>": pad}
    (folder / "vocab.json").write_text(json.dumps(vocab), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512}), encoding="utf-8")
    tied = {"lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}
    tensors = _random_state(MarianMTModel, config, seed, without=tied)
    tensors = {name: t for name, t in tensors.items() if "embed_positions" not in name}
    _save(tensors, folder)
    return tensors


def mt5(
    folder: Path, shape: dict[str, Any], seed: int = 0, *, own_head: bool = True, **changes: Any
) -> dict[str, torch.Tensor]:
    """Write a random mT5 of `shape` into `folder`, with an `lm_head` of its own or none; return what it stores."""
    folder.mkdir(parents=True, exist_ok=True)
    config = MT5Config(**shape, feed_forward_proj="gated-gelu")
    config.save_pretrained(folder)
    _edit_config(folder, architectures=["MT5ForConditionalGeneration"], tie_word_embeddings=not own_head, **changes)
    (folder / "spiece.model").write_bytes(_train_spm(vocab_size=120, control=["<pad>", "</s>", "<unk>"]))
    settings = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    tied = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"} | (set() if own_head else {"lm_head.weight"})
    tensors = _random_state(MT5ForConditionalGeneration, config, seed, without=tied)
    _save(tensors, folder)
    return tensors


def _random_state(cls: Any, config: Any, seed: int, without: set[str]) -> dict[str, torch.Tensor]:
    """Random bfloat16 values for every tensor of the model except `without`; built without ever initialising it."""
    torch.manual_seed(seed)
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in cls(config).state_dict().items() if name not in without}
    return {name: torch.randn(shape, dtype=torch.bfloat16).mul_(0.05) for name, shape in shapes.items()}


def _save(tensors: dict[str, torch.Tensor], folder: Path) -> None:
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _edit_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def _train_spm(vocab_size: int, control: list[str]) -> bytes:
    model = io.BytesIO()
    # mT5 counts <pad>=0, </s>=1, <unk>=2; Marian keeps ids of its own in vocab.json.
    ids: dict[str, Any] = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1} if control else {}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences(300)),
        model_writer=model,
        vocab_size=vocab_size,
        hard_vocab_limit=False,
        minloglevel=2,
        **ids,
    )
    return model.getvalue()


def _pieces(model: bytes) -> list[str]:
    spm = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [spm.id_to_piece(i) for i in range(spm.get_piece_size()) if not (spm.is_control(i) or spm.is_unknown(i))]
