"""Pulling from a model Hub, with the Hub's real client against a small Hub on loopback."""

import errno
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from models.catalog import Catalog, Entry
from models.errors import LicenceNotAccepted, PullFailed, WeightsCorrupt
from models.weights import pull, read_lock, verify
from tests.support.hub import Hub, serving

MIB = 1024 * 1024
CATALOG = Catalog.load()
TRANSLATOR = CATALOG.translator("ar", "en")
SUMMARIZER = CATALOG.get("xlsum")
SMALL = {
    "config.json": b'{"model_type": "marian"}',
    "generation_config.json": b"{}",
    "tokenizer_config.json": b"{}",
    "vocab.json": b'{"a": 1}',
    "source.spm": b"s" * 9000,
    "target.spm": b"t" * 9000,
}
TENSORS = {"weight": torch.arange(6 * MIB, dtype=torch.int32)}
WEIGHTS = save(TENSORS)  # 24 MiB: more than the client hands over at a time
NOT_NEEDED = {"README.md": b"#", "tf_model.h5": b"x" * 9000, ".gitattributes": b"", "onnx/model.safetensors": b"y"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    files = {**SMALL, "model.safetensors": WEIGHTS, "pytorch_model.bin": b"p" * 9000, **NOT_NEEDED}
    with serving({TRANSLATOR.repo: files, SUMMARIZER.repo: files}) as running:
        yield running


def test_a_pull_brings_what_is_needed_and_nothing_else(hub: Hub, tmp_path: Path) -> None:
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert {path.name for path in folder.iterdir()} == {*SMALL, "model.safetensors", "mujaz.lock.json"}
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    lock = verify(TRANSLATOR, tmp_path)
    assert lock is not None
    assert (lock.repo, lock.revision, lock.licence) == (TRANSLATOR.repo, hub.revision, "CC-BY-4.0")
    assert set(lock.files) == {*SMALL, "model.safetensors"}


def test_a_pull_reports_its_progress(hub: Hub, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint, progress=lambda *report: seen.append(report))
    weights = [(done, total) for name, done, total in seen if name == "model.safetensors"]
    assert [done for done, _ in weights] == sorted({done for done, _ in weights})
    assert weights[-1] == (len(WEIGHTS), len(WEIGHTS))


def test_a_second_pull_asks_nothing(hub: Hub, tmp_path: Path) -> None:
    pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    asked = len(hub.requests)
    pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert len(hub.requests) == asked


def test_a_connection_cut_in_the_middle_goes_on_within_the_same_pull(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after["model.safetensors"] = 22 * MIB
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert f"bytes={20 * MIB}-" in hub.ranges()  # of 22 MiB sent, the client had handed over two times 10


def test_a_pull_that_failed_is_resumed_by_the_next_one(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after["model.safetensors"] = 22 * MIB

    def fail_after_the_cut(name: str, done: int, total: int) -> None:
        if name == "model.safetensors":
            hub.down = True

    with pytest.raises(PullFailed, match=r"the Hub answered 503.*mujaz models pull ar-en.*resume"):
        pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint, progress=fail_after_the_cut)
    assert not (tmp_path / TRANSLATOR.folder).exists()  # a folder is complete or absent
    hub.down = False
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert f"bytes={20 * MIB}-" in hub.ranges()
    assert hub.sent("model.safetensors") == 22 * MIB + len(WEIGHTS) - 20 * MIB


def test_a_killed_pull_is_resumed_by_the_next_process(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after["model.safetensors"] = 22 * MIB
    hub.stall = threading.Event()
    script = (
        "import sys; from pathlib import Path; from models.catalog import Catalog; from models.weights import pull;"
        "pull(Catalog.load().translator('ar', 'en'), Path(sys.argv[1]), endpoint=sys.argv[2])"
    )
    victim = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), hub.endpoint])
    deadline = time.monotonic() + 60
    while not any(part.stat().st_size >= 20 * MIB for part in tmp_path.glob(".*.pull/*.part")):
        assert victim.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    hub.stall.set()
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.ranges() == [f"bytes={20 * MIB}-"] * 2  # once to the Hub, once to the store it redirects to
    assert not list(tmp_path.glob(".*.pull"))


def test_pulls_at_the_same_time_do_the_work_once(hub: Hub, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        pulls = [pool.submit(pull, TRANSLATOR, tmp_path, endpoint=hub.endpoint) for _ in range(4)]
        folders = {each.result() for each in pulls}
    assert folders == {tmp_path / TRANSLATOR.folder}
    assert hub.sent("model.safetensors") == len(WEIGHTS)
    assert verify(TRANSLATOR, tmp_path)


def test_a_damaged_file_is_fetched_again_and_the_others_stay(hub: Hub, tmp_path: Path) -> None:
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    (folder / "vocab.json").write_bytes(b'{"a": 2}')
    with pytest.raises(WeightsCorrupt, match=r"vocab\.json"):
        verify(TRANSLATOR, tmp_path)
    pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert verify(TRANSLATOR, tmp_path)
    assert hub.sent("model.safetensors") == len(WEIGHTS)


def test_a_later_pull_holds_to_the_lock(hub: Hub, tmp_path: Path) -> None:
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    (folder / "vocab.json").unlink()
    hub.repos[TRANSLATOR.repo]["vocab.json"] = b'{"a": 3}'
    with pytest.raises(WeightsCorrupt, match=r"vocab\.json from the Hub is not the file in the lock"):
        pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)


def test_a_file_that_the_hub_no_longer_has_is_named(hub: Hub, tmp_path: Path) -> None:
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    (folder / "vocab.json").unlink()
    del hub.repos[TRANSLATOR.repo]["vocab.json"]
    with pytest.raises(WeightsCorrupt, match=r"no longer has vocab\.json"):
        pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)


def test_a_named_revision_moves_the_lock(hub: Hub, tmp_path: Path) -> None:
    pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    hub.revision = "b" * 40
    hub.repos[TRANSLATOR.repo]["vocab.json"] = b'{"a": 3}'
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint, revision="b" * 40)
    lock = verify(TRANSLATOR, tmp_path)
    assert lock is not None
    assert lock.revision == "b" * 40
    assert (folder / "vocab.json").read_bytes() == b'{"a": 3}'


def test_content_that_differs_from_what_the_hub_announced_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.tampered.add("source.spm")
    with pytest.raises(WeightsCorrupt, match=r"source\.spm from the Hub is not the file that the Hub announced"):
        pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    hub.tampered.clear()
    assert pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)


def pickled(path: Path) -> tuple[bytes, dict[str, torch.Tensor]]:
    """A PyTorch checkpoint as the Hub holds them: embeddings tied in memory, stored under several names."""
    shared = torch.randn(50, 8)
    tied = dict.fromkeys(("lm_head.weight", "model.decoder.embed_tokens.weight", "model.shared.weight"), shared)
    tensors = {**tied, "layer": torch.randn(8, 8).half(), "slice": shared[:3]}
    torch.save(tensors, path)
    return path.read_bytes(), tensors


def test_a_repository_of_pickles_is_converted_once(hub: Hub, tmp_path: Path) -> None:
    content, tensors = pickled(tmp_path / "made.bin")
    hub.repos[TRANSLATOR.repo] = {**SMALL, "pytorch_model.bin": content}
    root = tmp_path / "root"
    folder = pull(TRANSLATOR, root, endpoint=hub.endpoint)
    stored = load_file(folder / "model.safetensors")
    assert set(stored) == {"model.shared.weight", "layer", "slice"}  # one name for what is one tensor
    for name, tensor in stored.items():
        assert tensor.dtype == tensors[name].dtype
        assert torch.equal(tensor, tensors[name])
    assert not (folder / "pytorch_model.bin").exists()
    readable = {path.name: path.stat().st_mode & 0o444 for path in folder.iterdir()}
    assert readable["model.safetensors"] == readable["config.json"]
    lock = verify(TRANSLATOR, root)
    assert lock is not None
    assert set(lock.converted) == {"pytorch_model.bin"}
    pull(TRANSLATOR, root, endpoint=hub.endpoint)
    (folder / "vocab.json").unlink()
    pull(TRANSLATOR, root, endpoint=hub.endpoint)
    assert hub.sent("pytorch_model.bin") == len(content)
    (folder / "model.safetensors").write_bytes(b"damaged")
    pull(TRANSLATOR, root, endpoint=hub.endpoint)
    assert verify(TRANSLATOR, root)
    assert hub.sent("pytorch_model.bin") == 2 * len(content)


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('code in a pickle ran')",))


def test_a_pickle_that_carries_code_is_refused_and_never_run(hub: Hub, tmp_path: Path) -> None:
    torch.save({"layer": torch.zeros(2), "evil": Payload()}, tmp_path / "evil.bin")
    hub.repos[TRANSLATOR.repo] = {**SMALL, "pytorch_model.bin": (tmp_path / "evil.bin").read_bytes()}
    with pytest.raises(WeightsCorrupt, match="not a plain PyTorch checkpoint"):
        pull(TRANSLATOR, tmp_path / "root", endpoint=hub.endpoint)


def test_shards_and_their_index_are_pulled(hub: Hub, tmp_path: Path) -> None:
    shards = {f"model-0000{i}-of-00002.safetensors": save({f"t{i}": torch.zeros(2000)}) for i in (1, 2)}
    index = b'{"weight_map": {"t1": "model-00001-of-00002.safetensors", "t2": "model-00002-of-00002.safetensors"}}'
    hub.repos[TRANSLATOR.repo] = {**SMALL, **shards, "model.safetensors.index.json": index}
    folder = pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert {path.name for path in folder.glob("model*")} == {*shards, "model.safetensors.index.json"}
    assert verify(TRANSLATOR, tmp_path)


def test_a_licence_that_forbids_commerce_must_be_accepted_once(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(LicenceNotAccepted, match=r"CC-BY-NC-SA-4\.0.*--accept-licence.*MUJAZ_SUMMARIZER=extract"):
        pull(SUMMARIZER, tmp_path, endpoint=hub.endpoint)
    assert not hub.requests
    folder = pull(SUMMARIZER, tmp_path, endpoint=hub.endpoint, accept_licence=True)
    lock = read_lock(folder)
    assert lock is not None
    assert lock.licence == SUMMARIZER.licence
    pull(SUMMARIZER, tmp_path, endpoint=hub.endpoint)


def test_an_unreachable_hub_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match=r"stopped \(.*\); run `mujaz models pull ar-en` again"):
        pull(TRANSLATOR, tmp_path, endpoint="http://127.0.0.1:9")


@pytest.mark.parametrize(("repo", "revision"), [("nobody/nothing", None), (TRANSLATOR.repo, "c" * 40)])
def test_what_the_hub_does_not_have_is_said(hub: Hub, tmp_path: Path, repo: str, revision: str | None) -> None:
    entry = Entry(**{name: getattr(TRANSLATOR, name) for name in Entry.__slots__} | {"repo": repo})
    with pytest.raises(PullFailed, match=f"The Hub has no {repo}"):
        pull(entry, tmp_path, endpoint=hub.endpoint, revision=revision)


def test_a_repository_without_weights_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.repos[TRANSLATOR.repo] = dict(SMALL)
    with pytest.raises(PullFailed, match=r"holds no config\.json with safetensors"):
        pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)


def test_a_full_disk_stops_the_pull_and_the_next_one_resumes(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str, done: int, total: int) -> None:
        if done >= 10 * MIB:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(PullFailed, match="No space left on device"):
        pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint, progress=full)
    pull(TRANSLATOR, tmp_path, endpoint=hub.endpoint)
    assert f"bytes={10 * MIB}-" in hub.ranges()
    assert verify(TRANSLATOR, tmp_path)
