"""Answers say what was made: flags where they belong, glossary uses once, repairs with their reasons."""

import pytest

from models.enforcement import Applied
from models.glossary import Entry
from models.translate import Translated
from service import answers
from service.trust import Checked, trusted
from tests.support.scripted import ENGLISH, FLOOD, TITLE, Scripted, drafting

pytestmark = pytest.mark.anyio

FIRST, SECOND, *_ = FLOOD
FALSE = "Rainwater flooded 77 districts in the capital Nouakchott."


async def checked_brief(runtime: Scripted) -> tuple[answers.Drafting, Checked]:
    made = drafting(runtime)
    return made, await trusted(made, await made.draft("summarize-first"), "summarize-first")


async def test_an_extract_rests_on_the_sentence_that_it_is() -> None:
    made, checked = await checked_brief(Scripted())
    first = answers.sentences(checked, made.reading)[0]
    (evidence,) = first.evidence
    assert (evidence.text, evidence.score) == (FIRST, 1.0)
    assert "\n\n".join(FLOOD)[evidence.start : evidence.end] == FIRST


async def test_a_flag_stands_at_its_sentence_and_in_the_report() -> None:
    made, checked = await checked_brief(Scripted([], {**ENGLISH, FIRST: FALSE}))
    flag = answers.sentences(checked, made.reading)[0].flags[0]
    report = answers.checks(checked, made.reading)
    assert FALSE[flag.start : flag.end] == "77"
    assert (flag.sentence, report.status, report.flags[0]) == (0, "review", flag)


async def test_the_titles_flags_belong_to_no_sentence() -> None:
    made, checked = await checked_brief(Scripted([], {**ENGLISH, TITLE: "Rain floods 77 districts in Nouakchott"}))
    title = answers.title(made, checked)
    assert title is not None
    assert {flag.sentence for flag in title.flags} == {None}
    report = answers.checks(checked, made.reading)
    assert (report.status, report.flags) == ("review", title.flags)


async def test_a_title_that_needs_no_translation_is_its_own() -> None:
    made = drafting(Scripted(), "\n\n".join(FLOOD.values()), "Heavy rain")
    checked = await trusted(made, await made.draft("summarize-first"), "summarize-first")
    title = answers.title(made, checked)
    assert title is not None
    assert (title.source, title.translation, title.flags) == ("Heavy rain", "Heavy rain", [])


async def test_a_use_of_the_glossary_is_told_once_though_brief_and_translation_have_the_sentence() -> None:
    made, _ = await checked_brief(Scripted())
    at = FIRST.index("نواكشوط")
    use = Applied(Entry("نواكشوط", "Nouakchott"), at, at + 7, (5, 15), "plain")
    made.know(FLOOD, [Translated(said, applied=(use,) if text == FIRST else ()) for text, said in FLOOD.items()])
    draft = await made.draft("summarize-first")
    (told,) = answers.glossary(made, draft.lines, whole=True)
    assert (told.source_text, told.source_start, told.start, told.applied) == (FIRST, at, 5, True)
    assert answers.glossary(made, [], whole=False) == [], "what is not in the answer is not told"
