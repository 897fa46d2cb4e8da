"""How work is handed to a system: the same for all of them, so that none is fed better than another."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from queue import SimpleQueue

from models.batching.scheduler import Scheduler
from models.engine.protocol import Engine, Finished, Generation, Item
from models.errors import MujazError


def batches(items: Sequence[Item], size: int) -> list[list[int]]:
    """The places of `items` in batches of `size`, the longest sources first: little padding, the big batches early."""
    places = sorted(range(len(items)), key=lambda place: len(items[place].ids), reverse=True)
    return [places[start : start + size] for start in range(0, len(places), size)]


def shared(items: Sequence[Item]) -> Generation:
    """One setting for a whole batch, for the systems that take lengths per call only.

    Where each item has a length of its own to be forced to, all of them get the mean: the batch then writes the same number of
    tokens (but for rounding) and stays full to its end, which is more than such a system reaches with real text. Where lengths
    are only bounded, the highest bound holds.
    """
    settings = [item.settings for item in items]
    longest = max(s.max_tokens for s in settings)
    if all(s.min_tokens == s.max_tokens for s in settings):
        mean = round(sum(s.max_tokens for s in settings) / len(settings))
        return replace(settings[0], min_tokens=mean, max_tokens=mean)
    return replace(settings[0], max_tokens=longest)


def in_batches(engine: Engine, items: Sequence[Item], size: int) -> list[tuple[int, ...]]:
    """Feed a stepwise engine statically: sorted batches, each to its end. Raises what an item failed with."""
    outputs: dict[Item, tuple[int, ...]] = {}
    for places in batches(items, size):
        engine.admit([items[place] for place in places])
        while engine.busy():
            outputs |= {done.item: _ids(done) for done in engine.step()}
    return [outputs[item] for item in items]


def in_shared_batches(engine: Engine, items: Sequence[Item], size: int) -> list[tuple[int, ...]]:
    """The same for an engine that decodes only items of equal settings together: each batch gets `shared` ones."""
    outputs: list[tuple[int, ...]] = [()] * len(items)
    for places in batches(items, size):
        settings = shared([items[place] for place in places])
        batch = [Item(items[place].ids, settings) for place in places]
        for place, ids in zip(places, in_batches(engine, batch, size), strict=True):
            outputs[place] = ids
    return outputs


def continuously(engine: Engine, items: Sequence[Item]) -> list[tuple[int, ...]]:
    """Queue everything with the service's own scheduler, in order of arrival: it admits whenever the engine has room.

    Raises what an item failed with.
    """
    with Scheduler(max_items=len(items), max_tokens=len(items) * engine.capacity()) as scheduler:
        futures = scheduler.submit(engine, items, lane="bulk")
        return [future.result() for future in futures]


def arriving_in_batches(engine: Engine, items: Sequence[Item], size: int, present: int) -> list[tuple[int, ...]]:
    """Feed statically what arrives in this order, `present` items being there at any time: for each one answered the next comes.

    A batch is the item that has waited longest and those that wait with it and are nearest to it in length, run to its end; what
    is answered leaves it, and what comes meanwhile waits. Raises what an item failed with.
    """
    outputs: dict[Item, tuple[int, ...]] = {}
    stream = iter(items)
    waiting = list(islice(stream, present))
    while waiting:
        oldest = len(waiting[0].ids)
        batch = sorted(waiting, key=lambda item: abs(len(item.ids) - oldest))[:size]
        waiting = [item for item in waiting if item not in batch]
        engine.admit(batch)
        while engine.busy():
            done = {finished.item: _ids(finished) for finished in engine.step()}
            outputs |= done
            waiting += islice(stream, len(done))
    return [outputs[item] for item in items]


def arriving_continuously(engine: Engine, items: Sequence[Item], present: int) -> list[tuple[int, ...]]:
    """The same through the service's own scheduler, which fills a slot as soon as it is free. Raises what an item failed with."""
    answered: SimpleQueue[Future[tuple[int, ...]]] = SimpleQueue()
    futures: list[Future[tuple[int, ...]]] = []
    with Scheduler(max_items=len(items), max_tokens=len(items) * engine.capacity()) as scheduler:
        for number, item in enumerate(items):
            if number >= present:
                answered.get().result()
            futures += scheduler.submit(engine, [item], lane="bulk")
            futures[-1].add_done_callback(answered.put)
        return [future.result() for future in futures]


def _ids(done: Finished) -> tuple[int, ...]:
    if isinstance(done.error, MujazError):
        raise done.error
    return done.ids
