"""The weights: here, unharmed, prepared, and under a licence that was accepted."""

from collections.abc import Iterator

from models import device
from models.catalog import Entry
from models.errors import MujazError, WeightsMissing
from models.weights import find, verify
from models.weights.prepared import prepared_bytes, verify_forms
from service.doctor.finding import Finding, fails, ok, warning
from service.doctor.needed import Needed


def weights(needed: Needed) -> Iterator[Finding]:
    """Each needed model's files, read whole and held to their lock: this takes as long as the disk does."""
    for entry in needed.entries():
        check = f"weights of {entry.id}"
        pull = f"mujaz models pull{'' if entry.commercial else ' --accept-licence'} {entry.id}"
        try:
            folder = find(entry, needed.root)
            lock = verify(entry, needed.root)
            verify_forms(folder)
        except WeightsMissing:
            yield fails(check, f"not below {needed.root}", _ways_out(entry, pull))
            continue
        except MujazError as error:
            yield fails(check, str(error), f"run `{pull}`")
            continue
        if lock is None:
            yield warning(check, f"in {folder}, without a lock to hold them to", f"`{pull}` keeps one")
        else:
            yield ok(check, f"in {folder}, as their lock says (revision {lock.revision})")
        yield from _licence(entry, locked=lock is not None)
        yield from _prepared(entry, needed)


def _ways_out(entry: Entry, pull: str) -> str:
    if entry.job == "summarize":
        return f"run `{pull}` (licence {entry.licence}: no commercial use), or set MUJAZ_SUMMARIZER=extract"
    return f"run `{pull}`, or set MUJAZ_MODELS to a folder that has them, or to sample to try Mujaz out"


def _licence(entry: Entry, locked: bool) -> Iterator[Finding]:
    """A pull is refused until its licence is accepted, so where there is a lock it was."""
    if entry.commercial:
        return
    check, told = f"licence of {entry.id}", f"{entry.licence}: no commercial use"
    if locked:
        yield ok(check, f"{told}; accepted when it was pulled")
    else:
        yield warning(
            check, f"{told}; nothing tells that it was accepted", "if it is not, set MUJAZ_SUMMARIZER=extract"
        )


def _prepared(entry: Entry, needed: Needed) -> Iterator[Finding]:
    """Only the engine of our own uses the prepared form, and the sample models need none."""
    if needed.settings.engine != "mujaz" or entry.sample:
        return
    try:
        form = device.choose_format(needed.settings.dtype, device.choose(needed.settings.device))
    except ValueError:
        return  # said elsewhere
    if prepared_bytes(find(entry, needed.root), form, needed.written(entry)) is None:
        told = f"not prepared for {form}: every start converts it, which takes longer and more memory"
        yield warning(f"weights of {entry.id}", told, f"run `mujaz models prepare {entry.id}`")
