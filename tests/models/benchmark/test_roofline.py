"""The counts behind the roofline, against numbers worked out by hand."""

from pathlib import Path

import pytest

from models.benchmark.checkpoints import OPUS_MT_AR_EN, XLSUM, marian, mt5
from models.benchmark.roofline import Phase, Shape, work
from models.engine.protocol import Generation, Item
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5

MT5_BASE = Shape(768, 768, 2048, 3, 12, 12, XLSUM["vocab_size"])
OPUS = Shape(512, 512, 2048, 2, 6, 6, OPUS_MT_AR_EN["vocab_size"])


def test_shapes_are_read_from_checkpoints_of_both_families(tmp_path: Path) -> None:
    marian(tmp_path / "marian", TINY_MARIAN)
    mt5(tmp_path / "mt5", TINY_MT5)
    assert Shape.read(tmp_path / "marian") == Shape(16, 16, 32, 2, 2, 2, 400)
    assert Shape.read(tmp_path / "mt5") == Shape(16, 16, 32, 3, 2, 2, 400)


@pytest.mark.parametrize(
    ("shape", "millions"), [(MT5_BASE, (84.9, 14.2, 99.1, 192.1)), (OPUS, (18.9, 3.1, 22.0, 32.2))]
)
def test_weights_of_the_real_shapes(shape: Shape, millions: tuple[float, ...]) -> None:
    counted = (shape.encoder, shape.cross, shape.decoder, shape.head)
    assert tuple(round(weights / 1e6, 1) for weights in counted) == millions


def test_operations_of_an_article() -> None:
    item = Item(tuple(range(512)), Generation(beams=1, max_tokens=84))
    encoding, decoding = work(MT5_BASE, [item], [84], 1, "int8")
    # 512 positions × 2 × (84.9 + 14.2) million weights; 12 layers × 4 × 768 × 512² for attention
    assert encoding.linear / 1e9 == pytest.approx(101.5, abs=0.1)
    assert encoding.attention / 1e9 == pytest.approx(9.66, abs=0.01)
    # 84 steps × 2 × (99.1 + 192.1) million; each sees 512 source positions and on average 42.5 of its own
    assert decoding.linear / 1e9 == pytest.approx(48.9, abs=0.1)
    assert decoding.attention / 1e9 == pytest.approx(12 * 4 * 768 * 84 * (512 + 42.5) / 1e9)
    # a byte for each weight at each step; keys and values of 2 bytes
    assert decoding.bytes == pytest.approx(84 * (99.09e6 + 192.09e6) + 12 * 2 * 768 * 2 * 84 * (512 + 42.5), rel=1e-3)


def test_beams_multiply_rows_but_not_the_source_that_is_read_and_batches_share_the_weights() -> None:
    one = [Item((1,) * 10, Generation(beams=1, max_tokens=5))]
    four = [Item((1,) * 10, Generation(beams=4, max_tokens=5))]
    shape = Shape(4, 4, 8, 2, 1, 1, 100)
    single, beams = work(shape, one, [5], 1, "float32")[1], work(shape, four, [5], 1, "float32")[1]
    assert beams.linear == 4 * single.linear
    assert beams.bytes - single.bytes == 3 * 2 * shape.inner * 4 * 15  # only the target's own keys and values
    apart, together = (work(shape, one * 8, [5] * 8, batch, "float32")[1] for batch in (1, 8))
    assert apart.linear == together.linear
    assert apart.bytes - together.bytes == (40 - 5) * 4 * (shape.decoder + shape.head)


def test_a_phase_takes_as_long_as_its_arithmetic_or_its_bytes_whichever_is_more() -> None:
    peaks = {"int8": 400.0, "bfloat16": 200.0, "float32": 100.0, "bandwidth": 10.0}
    assert Phase(800.0, 100.0, 1.0).seconds("int8", peaks) == 2.5
    assert Phase(800.0, 100.0, 1.0).seconds("bfloat16", peaks) == 4.5
    assert Phase(800.0, 100.0, 1.0).seconds("float32", peaks) == 9.0
    assert Phase(1.0, 1.0, 100.0).seconds("int8", peaks) == 10.0
