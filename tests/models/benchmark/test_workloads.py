"""What is decoded: lengths as asked, ids that every system knows, real text with the checkpoints' own settings."""

from pathlib import Path

import pytest

from models.benchmark import lengths
from models.benchmark.workloads import NETWORKS, Line, checkpoint, items, made, some
from models.catalog import SAMPLE


def test_forced_items_have_the_networks_lengths_and_ids_of_the_trimmed_vocabulary() -> None:
    work = items(Line("xlsum", "forced", batch=3, beams=4), NETWORKS["xlsum"], rows=100)
    assert [len(item.ids) for item in work] == [12] * 3
    assert {(item.settings.beams, item.settings.min_tokens, item.settings.max_tokens) for item in work} == {(4, 6, 6)}
    assert all(3 <= number < 99 for item in work for number in item.ids[:-1])
    assert {item.ids[-1] for item in work} == {1}
    assert len({item.ids for item in work}) == 3


def test_skewed_items_have_lengths_drawn_from_the_histogram() -> None:
    work = items(Line("opus-mt", "skewed", batch=4, beams=1), NETWORKS["opus-mt"], rows=100)
    pairs = [(len(item.ids), item.settings.max_tokens) for item in work]
    assert pairs == lengths.read().draw(32)
    assert all(item.settings.min_tokens == item.settings.max_tokens for item in work)
    assert work[0].ids[-1] == 0


@pytest.mark.parametrize("name", ["sample-translator", "sample-summarizer"])
def test_text_is_what_a_sample_model_can_read(name: str) -> None:
    work = items(Line(name, "text", batch=2, beams=4), NETWORKS[name], rows=100)
    assert len(work) == 16
    assert all(item.ids[-1] == 1 and len(item.ids) <= 512 for item in work)
    assert all(item.settings.min_tokens == 0 and item.settings.length_penalty != 1.0 for item in work)


def test_some_items_are_spread_over_all_lengths() -> None:
    work = items(Line("opus-mt", "skewed", batch=32, beams=1), NETWORKS["opus-mt"], rows=100)
    chosen = [len(item.ids) for item in some(work, "skewed")]
    assert len(chosen) == 8
    assert chosen == sorted(chosen)
    assert chosen[0] < 24 and chosen[-1] > 45
    assert len(some(work[:1], "forced")) == 1


def test_a_random_checkpoint_is_written_once_and_a_sample_model_used_where_it_stands(tmp_path: Path) -> None:
    written = checkpoint("opus-mt", tmp_path)
    stamp = (written / "model.safetensors").stat().st_mtime_ns
    assert checkpoint("opus-mt", tmp_path) == written
    assert (written / "model.safetensors").stat().st_mtime_ns == stamp
    assert checkpoint("sample-translator", tmp_path) == SAMPLE / "translator"


def test_what_could_not_be_finished_is_not_taken_for_whole(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        folder.mkdir()
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        made(tmp_path / "thing", half)
    assert not (tmp_path / "thing").exists()
    assert made(tmp_path / "thing", lambda folder: folder.mkdir(exist_ok=True)).is_dir()
