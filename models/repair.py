"""Decode, and decode again, more safely, what the guard finds fault with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.engine.protocol import Generation, Item
from models.guard import Fault
from models.work import Model, Work

Judge = Callable[[str, str], Fault | None]
"""The guard for a language pair: what is wrong with an output (second) of a source (first)."""

# In tokens: chosen over three on validation sentences, where more of the sample translator's loops become sound with it.
_NO_REPEAT = 2
_BEAMS, _OTHER_BEAMS = 6, 4


@dataclass(frozen=True, slots=True)
class Task:
    """What the guard holds an output against, and what is decoded."""

    source: str
    item: Item


@dataclass(frozen=True, slots=True)
class Output:
    """What was written, what is still wrong with it, and whether it is the second attempt."""

    text: str
    fault: Fault | None = None
    repaired: bool = False


async def decode(model: Model, tasks: Sequence[Task], judge: Judge, work: Work) -> list[Output]:
    """The outputs of `tasks`, in order; those with a fault are decoded once more, all together, and the better one is kept."""
    first = await _attempt(model, tasks, judge, work)
    faulty = {index: output.fault for index, output in enumerate(first) if output.fault}
    again = [_again(tasks[index], fault) for index, fault in faulty.items()]
    second = dict(zip(faulty, await _attempt(model, again, judge, work), strict=True))
    return [_better(output, second.get(index)) for index, output in enumerate(first)]


async def _attempt(model: Model, tasks: Sequence[Task], judge: Judge, work: Work) -> list[Output]:
    if not tasks:
        return []
    texts = await work.decode(model, [task.item for task in tasks])
    faults = await work.text(lambda: [judge(task.source, text) for task, text in zip(tasks, texts, strict=True)])
    return [Output(text, fault) for text, fault in zip(texts, faults, strict=True)]


def _again(task: Task, fault: Fault) -> Task:
    ids = task.item.ids
    return replace(task, item=Item(ids, safer(task.item.settings, fault, len(ids))))


def _better(first: Output, second: Output | None) -> Output:
    if second is None or (first.fault and second.fault and not first.fault.outweighs(second.fault)):
        return first
    return replace(second, repaired=True)


def cautious(tasks: Sequence[Task]) -> list[Task]:
    """The tasks with settings for outputs that were well formed and said something wrong: a wider beam, and no phrase twice."""

    def safer(settings: Generation) -> Generation:
        no_repeat = settings.no_repeat_ngram or _NO_REPEAT
        return replace(settings, no_repeat_ngram=no_repeat, beams=max(_BEAMS, settings.beams))

    return [replace(task, item=Item(task.item.ids, safer(task.item.settings))) for task in tasks]


def safer(settings: Generation, fault: Fault, length: int) -> Generation:
    """Settings under which a source of `length` tokens is less likely to end in `fault` again.

    Wider beams lead out of loops, but into outputs that are empty, short or copied (Stahlberg and Byrne 2019, Ott et al. 2018):
    against these the beam is narrowed.
    """
    narrow = 1 if settings.beams > 1 else _OTHER_BEAMS
    wide = max(_BEAMS, settings.beams)
    shortest = min(3 * length // 4, settings.max_tokens - 1)
    size = min(settings.no_repeat_ngram or _NO_REPEAT, _NO_REPEAT)
    match fault.kind:
        case "repetition":
            return replace(settings, no_repeat_ngram=size, beams=wide)
        case "length" if fault.extent > 0:
            return replace(
                settings, no_repeat_ngram=size, beams=wide, max_tokens=min(settings.max_tokens, 2 * length + 16)
            )
        case "length":
            return replace(settings, no_repeat_ngram=size, min_tokens=shortest)
        case "empty":
            return replace(settings, no_repeat_ngram=size, min_tokens=shortest, beams=narrow)
        case "untranslated":
            return replace(settings, beams=narrow)
