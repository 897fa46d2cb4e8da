"""From a draft to a brief that can be trusted: checked against the article, and repaired where it fails."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.checks.article import Article
from models.checks.article import Line as Said
from models.checks.inspect import Inspection, inspect
from service.drafting import Draft, Drafting, OneRoute

Action = Literal["decoded-again", "replaced"]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A sentence that was given up, what became of it, and why."""

    action: Action
    text: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft with what was found in it, and what was repaired on the way."""

    draft: Draft
    inspection: Inspection
    repairs: tuple[Repaired, ...] = ()

    def faults(self, index: int) -> list[str]:
        """Why the sentence `index` cannot stay as it is."""
        fault = self.draft.lines[index].fault
        flags = [flag.detail for flag in self.inspection.report.flags if flag.line == index]
        return ([fault.detail] if fault else []) + flags

    @property
    def failing(self) -> list[int]:
        return [index for index in range(len(self.draft.lines)) if self.faults(index)]


async def trusted(drafting: Drafting, draft: Draft, route: OneRoute) -> Checked:
    """The draft, checked; what fails is decoded once more with safer settings.

    A model's sentence that still fails gives way to one of the article's own.
    """
    checked = await _checked(drafting, draft)
    if not checked.failing:
        return checked
    with drafting.work.stage("repair"):
        checked = await _decoded_again(drafting, checked, route)
        return await _replaced(drafting, checked)


async def _checked(drafting: Drafting, draft: Draft, repairs: Sequence[Repaired] = ()) -> Checked:
    with drafting.work.stage("check"):
        inspection = await drafting.work.text(_inspect, drafting, draft)
    return Checked(draft, inspection, tuple(repairs))


def _inspect(drafting: Drafting, draft: Draft) -> Inspection:
    translations = [translation.text for translation in drafting.translations or ()] or None
    article = Article(drafting.texts, drafting.source, translations, [line.text for line in drafting.reading.dropped])
    lines = [Said(line.text, line.source, line.index) for line in draft.lines]
    return inspect(lines, article, drafting.target)


async def _decoded_again(drafting: Drafting, checked: Checked, route: OneRoute) -> Checked:
    """The more careful draft where it has fewer sentences that fail."""
    again = await _checked(drafting, await drafting.draft(route, cautiously=True))
    if len(again.failing) >= len(checked.failing):
        return checked
    given_up = [
        Repaired("decoded-again", checked.draft.lines[index].text, tuple(checked.faults(index)))
        for index in checked.failing
    ]
    return replace(again, repairs=tuple(given_up))


async def _replaced(drafting: Drafting, checked: Checked) -> Checked:
    """The model's failing sentences give way to central ones of the article; where there are none left, they stay, flagged."""
    lines = checked.draft.lines
    failing = [index for index in checked.failing if lines[index].origin == "model"]
    if not failing:
        return checked
    kept = [line for index, line in enumerate(lines) if index not in failing]
    others = await drafting.others(kept, len(failing))
    if len(kept) + len(others) == 0:
        return checked
    repairs = [Repaired("replaced", lines[index].text, tuple(checked.faults(index))) for index in failing]
    written = [line for line in kept if line.origin == "model"]
    extracts = sorted((line for line in [*kept, *others] if line.origin == "extract"), key=lambda line: line.index or 0)
    draft = replace(checked.draft, lines=[*written, *extracts])
    return await _checked(drafting, draft, [*checked.repairs, *repairs])
