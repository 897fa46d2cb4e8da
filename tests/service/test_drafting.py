"""Drafts: what is said, in which order, by whom; what is translated, once."""

import pytest

from models.glossary import Entry, Glossary
from tests.support.scripted import ENGLISH, FLOOD, TITLE, Scripted, drafting

pytestmark = pytest.mark.anyio

SUMMARY = "غمرت الأمطار ثلاثة أحياء في نواكشوط."
SAID = {**ENGLISH, SUMMARY: "Rain flooded three districts in Nouakchott."}
FIRST, SECOND, *_ = FLOOD


async def test_what_the_model_writes_comes_first_then_the_articles_own() -> None:
    draft = await drafting(Scripted([SUMMARY], SAID), most=2).draft("summarize-first")
    assert [(line.origin, line.source) for line in draft.lines] == [("model", SUMMARY), ("extract", SECOND)]
    assert draft.text == f"{SAID[SUMMARY]} {SAID[SECOND]}"
    assert draft.method == "mixed"


async def test_without_a_summarizer_all_is_the_articles_own_in_its_order() -> None:
    draft = await drafting(Scripted()).draft("summarize-first")
    indexes = [line.index for line in draft.lines]
    assert indexes == sorted(indexes)
    assert draft.method == "extract"
    assert [ENGLISH[line.source] for line in draft.lines if line.source] == [line.text for line in draft.lines]


async def test_a_brief_takes_at_most_every_third_sentence_out_of_an_article() -> None:
    assert len((await drafting(Scripted(), most=5).draft("summarize-first")).lines) == len(FLOOD) // 3


async def test_a_model_that_writes_nothing_is_no_fault() -> None:
    draft = await drafting(Scripted([" "], SAID)).draft("summarize-first")
    assert draft.method == "extract"


async def test_summarize_first_translates_what_is_said_and_the_title_in_one_batch() -> None:
    runtime = Scripted([SUMMARY], SAID)
    await drafting(runtime, most=2).draft("summarize-first")
    assert runtime.translated == [([SUMMARY, SECOND, TITLE], False)]


async def test_with_the_full_translation_every_sentence_is_translated_once() -> None:
    runtime = Scripted([SUMMARY], SAID)
    made = drafting(runtime)
    await made.draft("summarize-first", whole=True)
    assert sorted(runtime.all_translated()) == sorted([SUMMARY, TITLE, *FLOOD])
    assert made.translations is not None
    assert [translation.text for translation in made.translations] == list(FLOOD.values())


async def test_the_second_route_translates_only_what_the_first_has_not() -> None:
    runtime = Scripted([SUMMARY, "Rain flooded three districts."], SAID)
    made = drafting(runtime, most=2)
    await made.draft("summarize-first")
    await made.draft("translate-first")
    assert len(runtime.all_translated()) == len(set(runtime.all_translated()))
    assert runtime.summarized[1][0] == list(FLOOD.values())


async def test_another_translation_is_forgotten_unless_it_is_taken() -> None:
    made = drafting(Scripted([], ENGLISH, {TITLE: "Rain in Nouakchott"}))
    await made.translate([TITLE])
    (other,) = await made.translate_again([TITLE])
    assert made.title is not None
    assert made.title.text == ENGLISH[TITLE]
    made.know([TITLE], [other])
    assert made.title.text == "Rain in Nouakchott"


async def test_the_glossary_is_looked_up_in_the_articles_language() -> None:
    runtime = Scripted()
    glossary = Glossary([Entry("نواكشوط", "Nuakchot")], "")
    await drafting(runtime, glossary=glossary).draft("summarize-first")
    assert {given.language for given in runtime.glossaries if given} == {"ar"}
    assert glossary.language == "", "the glossary of all requests is not changed"


async def test_a_text_in_the_target_language_needs_no_glossary_and_no_translator() -> None:
    runtime = Scripted(["Rain flooded three districts."])
    glossary = Glossary([Entry("Nouakchott", "Nuakchot")], "")
    made = drafting(runtime, "\n\n".join(FLOOD.values()), "Heavy rain", glossary=glossary)
    draft = await made.draft("translate-first", whole=True)
    assert (made.glossary, made.title, made.translations, runtime.translated) == (None, None, None, [])
    assert draft.lines[0].source is None
