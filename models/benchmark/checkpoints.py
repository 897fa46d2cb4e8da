"""Random checkpoints in the Hub's format, of any shape, with small but real SentencePiece models.

The benchmark runs on them where the real weights are not at hand: how fast a network is does not depend on what it says.
"""

import io
import json
import random
import shutil
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from transformers import MarianConfig, MarianMTModel, MT5Config, MT5ForConditionalGeneration

from models.catalog import Family

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

OPUS_MT_TC_BIG: dict[str, Any] = {
    "vocab_size": 61246,
    "d_model": 1024,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_attention_heads": 16,
    "decoder_attention_heads": 16,
    "encoder_ffn_dim": 4096,
    "decoder_ffn_dim": 4096,
    "max_position_embeddings": 1024,
    "activation_function": "relu",
}
"""The shape of a transformer-big as in Helsinki-NLP/opus-mt-tc-big-ar-en; the size of its vocabulary is approximate."""

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

_OF_THE_VOCABULARY = (
    *("shared.weight", "lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"),
    *("model.shared.weight", "final_logits_bias"),
)
"""Tensors with one row, or for the bias one column, for each id."""


def sentences(count: int, seed: int = 0) -> list[str]:
    """`count` sentences of Arabic and English words in random order: enough to train a small SentencePiece model."""
    draw = random.Random(seed)
    return [" ".join(draw.choices(_ARABIC + _ENGLISH, k=draw.randint(4, 12))) for _ in range(count)]


def marian(folder: Path, shape: dict[str, Any], seed: int = 0, **changes: Any) -> dict[str, torch.Tensor]:
    """Write a random MarianMT of `shape` into `folder` and return the tensors it stores (bfloat16).

    As in the Hub's checkpoints `<pad>` is the last id, starts the decoder, its embedding is zero, and it is
    never written. `changes` are made to config.json alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pad = shape["vocab_size"] - 1
    settings: dict[str, Any] = {"static_position_embeddings": True}  # of the Hub's configs, unknown to MarianConfig
    config = MarianConfig(
        **({"activation_function": "swish"} | shape | settings),
        decoder_vocab_size=shape["vocab_size"],
        scale_embedding=True,
        share_encoder_decoder_embeddings=True,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
        bos_token_id=0,
    )
    config.save_pretrained(folder)
    _edit(folder / "config.json", architectures=["MarianMTModel"], **changes)
    _write(folder / "generation_config.json", _marian_generation(pad))
    spm = _train_spm(vocab_size=120, control=[])
    for side in ("source.spm", "target.spm"):
        (folder / side).write_bytes(spm)
    pieces = _pieces(spm)
    vocab = {"</s>": 0, "<unk>": 1} | {p: i for i, p in enumerate([">>ara<<", *pieces], start=2)}
    vocab |= {f"▁filler{i}": i for i in range(len(vocab), pad)} | {"<pad>": pad}
    _write(folder / "vocab.json", vocab)
    _write(folder / "tokenizer_config.json", {"model_max_length": 512})
    tied = {"lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}
    tensors = _random_state(MarianMTModel, config, seed, without=tied)
    tensors = {name: t for name, t in tensors.items() if "embed_positions" not in name}
    tensors["model.shared.weight"][pad] = 0
    _save(tensors, folder)
    return tensors


def mt5(
    folder: Path, shape: dict[str, Any], seed: int = 0, *, own_head: bool = True, **changes: Any
) -> dict[str, torch.Tensor]:
    """Write a random mT5 of `shape` into `folder`, with an `lm_head` of its own or none; return what it stores."""
    folder.mkdir(parents=True, exist_ok=True)
    config = MT5Config(**shape, feed_forward_proj="gated-gelu")
    config.save_pretrained(folder)
    _edit(
        folder / "config.json",
        architectures=["MT5ForConditionalGeneration"],
        tie_word_embeddings=not own_head,
        **changes,
    )
    (folder / "spiece.model").write_bytes(_train_spm(vocab_size=120, control=["<pad>", "</s>", "<unk>"]))
    _write(folder / "tokenizer_config.json", {"tokenizer_class": "T5Tokenizer", "extra_ids": 0})
    tied = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"} | (set() if own_head else {"lm_head.weight"})
    tensors = _random_state(MT5ForConditionalGeneration, config, seed, without=tied)
    _save(tensors, folder)
    return tensors


def kept_ids(family: Family, vocabulary: int, rows: int) -> list[int]:
    """The `rows` ids that a trimmed vocabulary keeps: the first ones, and Marian's `<pad>`, which is the last."""
    rows = min(rows, vocabulary)
    return [*range(rows - 1), vocabulary - 1] if family == "marian" else list(range(rows))


def trim(source: Path, folder: Path, rows: int) -> None:
    """Write what `marian` or `mt5` wrote into `source` again into `folder`, its vocabulary cut to `kept_ids`.

    The ids keep their numbers, but for Marian's `<pad>`, which becomes the last again.
    """
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    family: Family = "marian" if config["model_type"] == "marian" else "mt5"
    kept = kept_ids(family, config["vocab_size"], rows)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    tensors = load_file(source / "model.safetensors")
    for name in tensors.keys() & set(_OF_THE_VOCABULARY):
        dim = 1 if name == "final_logits_bias" else 0
        tensors[name] = tensors[name].index_select(dim, torch.tensor(kept))
    _save(tensors, folder)
    if family == "mt5":
        _edit(folder / "config.json", vocab_size=len(kept))
        return
    pad = len(kept) - 1
    starts = dict.fromkeys(("pad_token_id", "decoder_start_token_id"), pad)
    _edit(folder / "config.json", vocab_size=len(kept), decoder_vocab_size=len(kept), **starts)
    _write(folder / "generation_config.json", _marian_generation(pad))
    vocab = json.loads((source / "vocab.json").read_text(encoding="utf-8"))
    _write(folder / "vocab.json", {piece: i for piece, i in vocab.items() if i < pad} | {"<pad>": pad})


def initialise(source: Path, folder: Path, seed: int = 0) -> None:
    """Write what `marian` or `mt5` wrote into `source` again into `folder`, in float32 and as training begins.

    Matrices get a standard deviation of 1 / sqrt(inputs) (mT5's queries also 1 / sqrt(head width), since mT5 does not divide its
    scores by it: Raffel et al., 2020), mT5's embedding 1, norms a weight of 1. So every layer has its say, and with the 0.05 that
    the output keeps, logits have a standard deviation of a little over 1. With the 0.05 of everything that `marian` and `mt5`
    write, norms take all but a twentieth away: what is said then hardly depends on what was read.
    """
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    tensors = {name: tensor.float() for name, tensor in load_file(source / "model.safetensors").items()}
    torch.manual_seed(seed)
    for name, tensor in tensors.items():
        if "norm" in name and name.endswith(".weight"):
            tensors[name] = torch.ones_like(tensor)
        elif tensor.dim() == 2 and "bias" not in name:
            tensors[name] = torch.randn(tensor.shape) * _initial(name, tensor.shape[1], config)
    _save(tensors, folder)


def _initial(name: str, inputs: int, config: dict[str, Any]) -> float:
    """The standard deviation that a matrix begins with."""
    if name in _OF_THE_VOCABULARY:
        return 1.0 if config["model_type"] == "mt5" and name != "lm_head.weight" else 0.05
    head_width = config["d_kv"] if name.endswith(".q.weight") else 1
    return float((inputs * head_width) ** -0.5)


def _marian_generation(pad: int) -> dict[str, Any]:
    """What generation_config.json says in the Hub's conversions: `<pad>` is never written."""
    return {
        "bad_words_ids": [[pad]],
        "bos_token_id": 0,
        "decoder_start_token_id": pad,
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
        "pad_token_id": pad,
    }


def _random_state(cls: Any, config: Any, seed: int, without: set[str]) -> dict[str, torch.Tensor]:
    """Random bfloat16 values for every tensor of the model except `without`; built without ever initialising it."""
    torch.manual_seed(seed)
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in cls(config).state_dict().items() if name not in without}
    return {name: torch.randn(shape, dtype=torch.bfloat16).mul_(0.05) for name, shape in shapes.items()}


def _save(tensors: dict[str, torch.Tensor], folder: Path) -> None:
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")


def _edit(path: Path, **changes: Any) -> None:
    _write(path, json.loads(path.read_text(encoding="utf-8")) | changes)


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
