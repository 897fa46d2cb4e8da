"""Download a checkpoint from a model Hub: only the files that are needed, resumed where it stopped, held to the lock.

The Hub's own client does the talking (`huggingface_hub`: endpoint, proxies, retries within one run). Its
`snapshot_download` throws away what a stopped process had fetched (version 2 names partial files at random), so the
partial files are ours: `<blob id>.part` in a staging folder that becomes the model's folder in one rename when it is
complete. The client hands over 10 MiB at a time: that much at most is fetched twice.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.file_download import http_get
from huggingface_hub.utils.tqdm import disable_progress_bars
from safetensors import SafetensorError

from models.catalog import SAMPLE, Entry
from models.errors import LicenceNotAccepted, PullFailed, WeightsCorrupt
from models.weights.lock import LOCK, FileRecord, Lock, read_lock
from models.weights.store import INDEX, WEIGHTS, find

Progress = Callable[[str, int, int], None]
"""Called as bytes arrive: file name, bytes on disk, bytes in all."""

_SMALL = frozenset({
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.json",
    "vocab.json",
    "target_vocab.json",
    "source.spm",
    "target.spm",
    "spiece.model",
})  # fmt: skip
_TENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors(\.index\.json)?")
_PICKLES = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin")
# Uncompressed, since a compressed body cannot be resumed at a byte of the file; and no token, ever.
_HEADERS = {"User-Agent": "mujaz", "Accept-Encoding": "identity"}
# What stops a download: the disk, the connection, the Hub. The client lets the errors of its transport library through,
# httpx.HTTPError in version 1 and httpx2.HTTPError in version 2: the bases of its own error.
_STOPPED: tuple[type[BaseException], ...] = (OSError, SafetensorError, *HfHubHTTPError.__bases__)


@dataclass(frozen=True, slots=True)
class _Remote:
    """One file on the Hub: `blob` names its content; `sha256` is known beforehand for large files only."""

    name: str
    size: int
    blob: str
    sha256: str | None

    @property
    def part(self) -> str:
        """The name of its partial download, which outlives a killed process but never mixes two contents."""
        return f"{self.blob or self.name}.part"


def pull(
    entry: Entry,
    root: Path,
    *,
    endpoint: str | None = None,
    revision: str | None = None,
    accept_licence: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Make `entry` complete and verified below `root` and return its folder; nothing calls out afterwards.

    Where a lock lies already, files that match it stay, the others are fetched again at the locked revision and must
    match the lock; naming another `revision` moves the lock there. `endpoint` is the Hub's address, by default the
    client's. Repositories that need a token are not supported: none is ever sent.

    Raises `LicenceNotAccepted`; `PullFailed` when the connection, the Hub or the disk gave out (call again to resume);
    `WeightsCorrupt` when the Hub's file is not the locked one.
    """
    if entry.sample:
        return find(entry, SAMPLE)  # shipped in the package
    folder = root / entry.folder
    with _downloads(entry):
        disable_progress_bars("huggingface_hub.http_get")  # the caller's `progress` draws, or nothing does
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f".{entry.folder}.lock"):
            lock = read_lock(folder)
            _check_licence(entry, lock, accept_licence)
            if lock and revision in (None, lock.revision) and not _damaged(folder, lock):
                return folder
            return _fetch(entry, folder, lock, revision, endpoint, progress or _silent)


def _check_licence(entry: Entry, lock: Lock | None, accepted: bool) -> None:
    if not entry.commercial and not accepted and (lock is None or lock.licence != entry.licence):
        raise LicenceNotAccepted(
            f"{entry.repo} is under {entry.licence}, which forbids commercial use: pull it with "
            "`mujaz models pull --accept-licence`, or set MUJAZ_SUMMARIZER=extract to do without it."
        )


def _fetch(
    entry: Entry, folder: Path, lock: Lock | None, revision: str | None, endpoint: str | None, progress: Progress
) -> Path:
    """Download into the staging folder what `folder` lacks, convert pickles, lock, and put the files in their place."""
    held = lock if lock and revision in (None, lock.revision) else None
    api = HfApi(endpoint=endpoint, token=False, library_name="mujaz")
    wanted = held.revision if held else revision or entry.revision
    model = api.model_info(entry.repo, revision=wanted, files_metadata=True)
    if model.sha is None:
        raise PullFailed(f"The Hub names no revision for {entry.repo}.")
    remotes = _needed(entry, model.siblings or [])
    staging = _staging(folder, remotes)
    expected = {**held.files, **held.converted} if held else {}
    for remote in remotes:
        record = expected.get(remote.name)
        if record and record.matches(folder / remote.name):
            continue
        if _PICKLES.fullmatch(remote.name) and held and not _damaged(folder, held, WEIGHTS):
            continue
        url = hf_hub_url(entry.repo, remote.name, revision=model.sha, endpoint=endpoint)
        _download(url, remote, record, staging, progress)
    converted = _convert(staging, remotes, progress)
    pickles = converted or (held.converted if held else {})
    names = [r.name for r in remotes if not _PICKLES.fullmatch(r.name)] + ([WEIGHTS] if pickles else [])
    if held and (gone := held.files.keys() - names):
        raise WeightsCorrupt(f"The Hub no longer has {min(gone)} of {entry.repo}, which is in the lock.")
    files = {n: FileRecord.of(staging / n if (staging / n).is_file() else folder / n) for n in names}
    Lock(entry.repo, model.sha, entry.licence, files, pickles).write(staging)
    _install(staging, folder)
    return folder


def _staging(folder: Path, remotes: list[_Remote]) -> Path:
    """The staging folder beside `folder`, rid of whatever an attempt at another revision left in it."""
    staging = folder.with_name(f".{folder.name}.pull")
    staging.mkdir(exist_ok=True)
    keep = {r.name for r in remotes} | {r.part for r in remotes}
    for path in staging.iterdir():
        if path.name not in keep:
            path.unlink()
    return staging


def _needed(entry: Entry, siblings: list[Any]) -> list[_Remote]:
    """The files to fetch, small ones first; safetensors where the repository has them, else its pickles."""
    found = [
        _Remote(s.rfilename, s.size or 0, s.lfs.sha256 if s.lfs else s.blob_id or "", s.lfs.sha256 if s.lfs else None)
        for s in siblings
    ]
    tensors = [r for r in found if _TENSORS.fullmatch(r.name)]
    weights = tensors or [r for r in found if _PICKLES.fullmatch(r.name)]
    if not weights or not any(r.name == "config.json" for r in found):
        raise PullFailed(f"{entry.repo} holds no config.json with safetensors or PyTorch weights.")
    if any(r.name == INDEX for r in tensors) and any(r.name == WEIGHTS for r in tensors):
        weights = [r for r in tensors if r.name == WEIGHTS]  # both forms: the single file is the whole
    small = [r for r in found if r.name in _SMALL]
    return sorted(small, key=lambda r: r.name) + sorted(weights, key=lambda r: r.name)


def _download(url: str, remote: _Remote, locked: FileRecord | None, staging: Path, progress: Progress) -> None:
    """Fetch one file into `staging`, going on where a `.part` of the same content ends, and check what came."""
    target = staging / remote.name
    truth = locked or (FileRecord(remote.size, remote.sha256) if remote.sha256 else None)
    if truth and truth.matches(target):
        return
    part = staging / remote.part
    with _Part(part, lambda done: progress(remote.name, done, remote.size)) as file:
        http_get(url, file, resume_size=file.tell(), expected_size=remote.size, headers=_HEADERS)
    if truth and not truth.matches(part):
        part.unlink()
        raise WeightsCorrupt(
            f"{remote.name} from the Hub is not the file {'in the lock' if locked else 'that the Hub announced'}."
        )
    part.replace(target)


class _Part(io.BufferedWriter):
    """A partial download, opened at its end; reports how far it has come after each write."""

    def __init__(self, path: Path, report: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "a"))
        self._report = report

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        self._report(self.tell())
        return written


def _convert(staging: Path, remotes: list[_Remote], progress: Progress) -> dict[str, FileRecord]:
    """Turn the pickles in `staging` into `model.safetensors`, remove them, and return what they were."""
    pickles = [staging / r.name for r in remotes if _PICKLES.fullmatch(r.name) and (staging / r.name).is_file()]
    if not pickles:
        return {}
    from models.weights.convert import to_safetensors  # torch takes seconds to import and is needed only here

    records = {path.name: FileRecord.of(path) for path in pickles}
    total = sum(record.size for record in records.values())
    progress(WEIGHTS, 0, total)  # one long step: whoever watches sees it begin and end
    to_safetensors(pickles, staging / WEIGHTS)
    progress(WEIGHTS, total, total)
    for path in pickles:
        path.unlink()
    return records


def _install(staging: Path, folder: Path) -> None:
    """Put the staged files in place, the lock last. A first pull is one rename: the folder is complete or absent."""
    if not folder.exists():
        staging.rename(folder)
        return
    fresh = read_lock(staging)
    for path in sorted(staging.iterdir(), key=lambda p: p.name == LOCK):
        path.replace(folder / path.name)
    staging.rmdir()
    for path in folder.iterdir():
        if fresh and _TENSORS.fullmatch(path.name) and path.name not in fresh.files:
            path.unlink()  # a shard of an earlier revision


def _damaged(folder: Path, lock: Lock, *names: str) -> bool:
    """Whether any of the locked files (only `names`, where given) is missing or differs."""
    return any(not record.matches(folder / name) for name, record in lock.files.items() if not names or name in names)


@contextmanager
def _downloads(entry: Entry) -> Iterator[None]:
    """Whatever stops a download is a `PullFailed` that says so; what has arrived stays for the next attempt."""
    try:
        yield
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise PullFailed(f"The Hub has no {entry.repo} at the revision asked for.") from error
    except _STOPPED as error:
        raise PullFailed(
            f"The download of {entry.repo} stopped ({_reason(error)}); "
            f"run `mujaz models pull {entry.id}` again to resume it."
        ) from error


def _reason(error: BaseException) -> str:
    """Why it stopped, in a few words and without any address."""
    if isinstance(error, HfHubHTTPError):
        return f"the Hub answered {error.response.status_code}"
    return getattr(error, "strerror", None) or type(error).__name__


def _silent(name: str, done: int, total: int) -> None:
    """Nobody watches this download."""
