"""The systems that are compared, each behind one function: items in, target ids out. Each is imported when it is opened."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import torch

from models import memory
from models.benchmark.feeding import (
    arriving_continuously,
    arriving_in_batches,
    batches,
    continuously,
    in_batches,
    in_shared_batches,
    shared,
)
from models.benchmark.job import SUPPRESSED, Feeding, Job
from models.device import DTYPES, aside, choose_format, compute_dtype
from models.engine.protocol import Engine, Item

Ids = tuple[int, ...]
Run = Callable[[Sequence[Item]], list[Ids]]
"""Decodes items and returns the ids of each, in order, with or without the end symbol."""

_PRESENT = 2  # batches of items that are there at any time, where they arrive
_PLENTY = 1 << 30  # tokens: batches are cut by the number of items alone


def open_system(job: Job) -> Run:
    """Load the system that the job names. Raises `ValueError` for one that there is not, or not in this format on this device."""
    torch.set_num_threads(job.threads)
    torch.set_flush_denormal(True)  # this and the next as in the service, for whatever runs on torch
    memory.keep_freed()
    if job.engine == "mujaz":
        return _mujaz(job)
    if job.engine == "transformers":
        return _transformers(job)
    if job.engine == "ctranslate2":
        return _CTranslate2(job).run
    raise ValueError(f"there is no system {job.engine!r}")


def _mujaz(job: Job) -> Run:
    engine = aside(lambda: _engine(job))  # this thread or the scheduler's computes, not both
    memory.give_back()  # what was needed for loading only, as in the service
    size = _size(job)
    feed: dict[Feeding, Run] = {
        "continuous": lambda items: continuously(engine, items),
        "arriving-batch": lambda items: arriving_in_batches(engine, items, size, _PRESENT * size),
        "arriving-continuous": lambda items: arriving_continuously(engine, items, _PRESENT * size),
    }
    return feed.get(job.feeding, lambda items: in_batches(engine, items, size))


def _engine(job: Job) -> Engine:
    from models.engine.checkpoint import read
    from models.engine.formats import convert, restrict
    from models.engine.mujaz import MujazEngine

    device = torch.device(job.device)
    form = choose_format(job.format, device)
    weights = read(job.folder)
    if job.keep is not None:
        weights = restrict(weights, job.keep)
    return MujazEngine(convert(weights, form), device, compute_dtype(form, device), _PLENTY, slots=_size(job))


def _transformers(job: Job) -> Run:
    from models.engine.reference import ReferenceEngine
    from models.load import load

    engine = ReferenceEngine(load(job.folder, torch.device(job.device), DTYPES[job.format]).model, _PLENTY)
    return lambda items: in_shared_batches(engine, items, _size(job))


def _size(job: Job) -> int:
    return 1 if job.feeding == "each" else job.batch


class _CTranslate2:
    """`translate_batch`; with several workers a batch is divided among them, and several batches run at one time."""

    def __init__(self, job: Job) -> None:
        import ctranslate2

        self._job = job
        self._translator: Any = ctranslate2.Translator(
            str(job.folder),
            device=job.device,
            compute_type=job.format,
            inter_threads=job.workers,
            intra_threads=job.threads,
        )
        vocabulary: list[str] = json.loads((job.folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
        self._tokens = vocabulary
        self._ids = {token: number for number, token in enumerate(vocabulary)}
        self._suppressed = json.loads((job.folder / SUPPRESSED).read_text(encoding="utf-8")) or None

    def run(self, items: Sequence[Item]) -> list[Ids]:
        calls = [
            (places, self._call([items[place] for place in places])) for places in batches(items, _size(self._job))
        ]
        outputs: list[Ids] = [()] * len(items)
        for places, results in calls:
            for place, result in zip(places, results, strict=True):
                outputs[place] = tuple(self._ids[token] for token in result.result().hypotheses[0])
        return outputs

    def _call(self, batch: Sequence[Item]) -> Any:
        settings = shared(batch)
        return self._translator.translate_batch(
            [[self._tokens[number] for number in item.ids] for item in batch],
            asynchronous=True,
            max_batch_size=-(-len(batch) // self._job.workers),
            beam_size=settings.beams,
            length_penalty=settings.length_penalty,
            no_repeat_ngram_size=settings.no_repeat_ngram,
            min_decoding_length=settings.min_tokens,
            max_decoding_length=settings.max_tokens,
            max_input_length=0,
            suppress_sequences=self._suppressed,
        )
