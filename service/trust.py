"""From a draft to a brief that can be trusted: checked against the article, and repaired where it fails.

A model's sentence that fails is written again, and if that fails too, gives way to one of the article's own: what stays of a
model has passed every check. The article's own sentences and the title can only be mistranslated: they are translated again, and
stay, flagged, if that does not help.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.checks.article import Article
from models.checks.article import Line as Said
from models.checks.inspect import Inspection, inspect
from models.checks.report import Flag, Status
from models.guard import Fault
from service.drafting import Draft, Drafting, Line, OneRoute

Action = Literal["decoded-again", "replaced"]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A sentence that was given up, what became of it, and why."""

    action: Action
    text: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft with what was found in it, and what was repaired on the way; `title` are the flags of the headline."""

    draft: Draft
    inspection: Inspection
    title: tuple[Flag, ...] = ()
    repairs: tuple[Repaired, ...] = ()

    @property
    def status(self) -> Status:
        return "review" if self.title else self.inspection.report.status

    def reasons(self, index: int) -> tuple[str, ...]:
        """Why the sentence `index` cannot stay as it is."""
        line = self.draft.lines[index]
        return _reasons(line.text, line.fault, [flag for flag in self.inspection.report.flags if flag.line == index])

    def failing(self, origin: str) -> list[int]:
        """The sentences of `origin` that cannot stay as they are."""
        lines = enumerate(self.draft.lines)
        return [index for index, line in lines if line.origin == origin and self.reasons(index)]

    def given_up(self, action: Action, indexes: Sequence[int]) -> tuple[Repaired, ...]:
        """The repairs so far and that of the sentences `indexes`."""
        lines = self.draft.lines
        return (*self.repairs, *(Repaired(action, lines[index].text, self.reasons(index)) for index in indexes))


async def trusted(drafting: Drafting, draft: Draft, route: OneRoute) -> Checked:
    """The draft, checked and repaired."""
    desk = _Desk(drafting)
    checked = await desk.checked(draft)
    if checked.failing("model"):
        checked = await _written_again(desk, checked, route)
    if failing := checked.failing("model"):
        checked = await _replaced(desk, checked, failing, route)
    if failing := checked.failing("extract"):
        checked = await _translated_again(desk, checked, failing)
    return await _with_title(drafting, checked)


class _Desk:
    """Where drafts of one article are checked: what is read of the article for one of them serves the others."""

    def __init__(self, drafting: Drafting) -> None:
        self.drafting = drafting
        translations = [translation.text for translation in drafting.translations or ()] or None
        dropped = [line.text for line in drafting.reading.dropped]
        self._article = Article(drafting.texts, drafting.source, translations, dropped)

    async def checked(self, draft: Draft, repairs: Sequence[Repaired] = ()) -> Checked:
        lines = [Said(line.text, line.source, line.index) for line in draft.lines]
        with self.drafting.work.stage("check"):
            inspection = await self.drafting.work.text(inspect, lines, self._article, self.drafting.target)
        return Checked(draft, inspection, repairs=tuple(repairs))


async def _written_again(desk: _Desk, checked: Checked, route: OneRoute) -> Checked:
    """Another summary, if fewer of its sentences fail. What is known of the article is not translated again."""
    again = await desk.checked(await desk.drafting.draft(route, cautiously=True))
    failing = checked.failing("model")
    if len(again.failing("model")) >= len(failing):
        return checked
    kept = {line.text for line in again.draft.lines}
    gone = [index for index in failing if checked.draft.lines[index].text not in kept]
    return replace(again, repairs=checked.given_up("decoded-again", gone))


async def _replaced(desk: _Desk, checked: Checked, failing: Sequence[int], route: OneRoute) -> Checked:
    """Central sentences of the article in the places of those that fail; where there are none left, the brief is shorter."""
    lines = enumerate(checked.draft.lines)
    written = [line for index, line in lines if line.origin == "model" and index not in failing]
    draft = await desk.drafting.refilled(written, checked.draft, route)
    return await desk.checked(draft, checked.given_up("replaced", failing))


async def _translated_again(desk: _Desk, checked: Checked, failing: Sequence[int]) -> Checked:
    """Other translations of the article's own sentences, each where it has fewer faults."""
    drafting = desk.drafting
    lines = list(checked.draft.lines)
    sources = {index: source for index in failing if (source := lines[index].source) is not None}
    if not sources:
        return checked
    outputs = dict(zip(sources, await drafting.translate_again(list(sources.values())), strict=True))
    other = [line.translated(outputs[index]) if index in outputs else line for index, line in enumerate(lines)]
    again = await desk.checked(replace(checked.draft, lines=other))
    better = [index for index in outputs if len(again.reasons(index)) < len(checked.reasons(index))]
    if not better:
        return checked
    drafting.know([sources[index] for index in better], [outputs[index] for index in better])
    mixed: list[Line] = [other[index] if index in better else line for index, line in enumerate(lines)]
    repairs = checked.given_up("decoded-again", better)
    if mixed == other:
        return replace(again, repairs=repairs)
    return await desk.checked(replace(checked.draft, lines=mixed), repairs)


async def _with_title(drafting: Drafting, checked: Checked) -> Checked:
    """The headline's translation held against the headline; translated again where it fails."""
    source, output = drafting.reading.title, drafting.title
    if source is None or output is None:
        return checked
    with drafting.work.stage("check"):
        flags = await drafting.work.text(_title_flags, drafting, source, output.text)
    reasons = _reasons(output.text, output.fault, flags)
    if not reasons:
        return checked
    (other,) = await drafting.translate_again([source])
    with drafting.work.stage("check"):
        again = await drafting.work.text(_title_flags, drafting, source, other.text)
    if len(_reasons(other.text, other.fault, again)) >= len(reasons):
        return replace(checked, title=flags)
    drafting.know([source], [other])
    repaired = Repaired("decoded-again", output.text, reasons)
    return replace(checked, title=again, repairs=(*checked.repairs, repaired))


def _title_flags(drafting: Drafting, source: str, text: str) -> tuple[Flag, ...]:
    """What the checks find in a translation of the headline, for which the headline is the whole article."""
    report = inspect([Said(text, source, 0)], Article([source], drafting.source), drafting.target).report
    return tuple(replace(flag, detail=flag.detail.replace("the article", "the headline")) for flag in report.flags)


def _reasons(text: str, fault: Fault | None, flags: Sequence[Flag]) -> tuple[str, ...]:
    """What is wrong in words, each thing once: the guard's faults are found by the checks too."""
    found = [_told(flag, text) for flag in flags]
    if fault and not any(fault.detail in told for told in found):
        found.insert(0, f"{fault.kind}: {fault.detail}")
    return tuple(dict.fromkeys(found))


def _told(flag: Flag, text: str) -> str:
    words = text[flag.start : flag.end]
    return f"{flag.kind}: {flag.detail}" if words == text else f'{flag.kind} "{words}": {flag.detail}'
