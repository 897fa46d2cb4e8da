"""Random checkpoints for tests: the benchmark's writers, and shapes so tiny that a model takes milliseconds."""

from typing import Any

from models.benchmark.checkpoints import OPUS_MT_AR_EN, XLSUM, marian, mt5, sentences

__all__ = ["OPUS_MT_AR_EN", "TINY_MARIAN", "TINY_MT5", "XLSUM", "marian", "mt5", "sentences"]

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
TINY_MT5: dict[str, Any] = {
    "vocab_size": 400,
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 32,
    "num_layers": 2,
    "num_decoder_layers": 2,
    "num_heads": 2,
}
