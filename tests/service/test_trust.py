"""Checked and repaired: only what fails is decoded again, what still fails of a model goes, what was given up is told."""

import pytest

from service.trust import Checked, trusted
from tests.support.scripted import ENGLISH, FLOOD, TITLE, Scripted, drafting

pytestmark = pytest.mark.anyio

FLOODED, SPOKE, *_ = FLOOD
SUMMARY = "غمرت الأمطار ثلاثة أحياء في نواكشوط."
FALSE = "غمرت الأمطار 77 حيا في نواكشوط."
SAID = {
    **ENGLISH,
    SUMMARY: "Rain flooded three districts in Nouakchott.",
    FALSE: "Rain flooded 77 districts in Nouakchott.",
}
LATER = "The municipality's spokesman said that the rain lasted 71 hours."


async def brief(runtime: Scripted, *, most: int = 2, whole: bool = False) -> Checked:
    made = drafting(runtime, most=most)
    return await trusted(made, await made.draft("summarize-first", whole=whole), "summarize-first")


def texts(checked: Checked) -> list[str]:
    return [line.text for line in checked.draft.lines]


async def test_a_sound_brief_is_decoded_once_and_passes() -> None:
    runtime = Scripted([SUMMARY], SAID)
    checked = await brief(runtime)
    assert texts(checked) == [SAID[SUMMARY], SAID[SPOKE]]
    assert (checked.status, checked.repairs, checked.draft.method) == ("pass", (), "mixed")
    assert len(runtime.summarized) == 1
    assert len(runtime.translated) == 1


async def test_a_false_summary_is_written_again_and_nothing_else_translated_again() -> None:
    runtime = Scripted([FALSE, SUMMARY], SAID)
    checked = await brief(runtime, whole=True)
    assert texts(checked)[0] == SAID[SUMMARY]
    assert checked.status == "pass"
    (repair,) = checked.repairs
    assert (repair.action, repair.text) == ("decoded-again", SAID[FALSE])
    assert 'number "77": stands nowhere in the article' in repair.reasons
    assert [cautiously for _, cautiously in runtime.summarized] == [False, True]
    assert [text for given, cautiously in runtime.translated if cautiously for text in given] == [SUMMARY]
    assert all(runtime.all_translated().count(text) == 1 for text in FLOOD)


async def test_a_summary_that_is_false_twice_gives_way_to_sentences_of_the_article() -> None:
    checked = await brief(Scripted([FALSE, FALSE], SAID))
    assert texts(checked) == [SAID[FLOODED], SAID[SPOKE]]
    assert (checked.status, checked.draft.method) == ("pass", "extract")
    assert [(repair.action, repair.text) for repair in checked.repairs] == [("replaced", SAID[FALSE])]
    assert len(checked.draft.read) == len(FLOOD)


async def test_of_a_summary_the_sentences_that_pass_stay() -> None:
    runtime = Scripted([f"{SUMMARY} {FALSE}", f"{SUMMARY} {FALSE}"], SAID)
    checked = await brief(runtime)
    assert texts(checked)[0] == SAID[SUMMARY]
    assert SAID[FALSE] not in texts(checked)
    assert checked.draft.method == "mixed"


async def test_a_false_translation_of_an_extract_is_made_again_and_only_that() -> None:
    runtime = Scripted([], {**ENGLISH, SPOKE: LATER}, {SPOKE: ENGLISH[SPOKE]})
    made = drafting(runtime)
    checked = await trusted(made, await made.draft("summarize-first", whole=True), "summarize-first")
    assert texts(checked) == [ENGLISH[FLOODED], ENGLISH[SPOKE]]
    assert checked.status == "pass"
    assert [(repair.action, repair.text) for repair in checked.repairs] == [("decoded-again", LATER)]
    assert [given for given, cautiously in runtime.translated if cautiously] == [[SPOKE]]
    assert made.translations is not None
    assert made.translations[1].text == ENGLISH[SPOKE], "the full translation says the same"


async def test_an_extract_that_stays_mistranslated_stays_and_is_flagged() -> None:
    runtime = Scripted([], {**ENGLISH, FLOODED: "Rainwater flooded 77 districts in the capital Nouakchott."})
    checked = await brief(runtime)
    assert checked.status == "review"
    assert checked.draft.lines[0].index == 0
    assert checked.reasons(0)
    assert checked.repairs == ()


async def test_the_title_is_held_against_the_headline_and_translated_again() -> None:
    false = {**ENGLISH, TITLE: "Heavy rain floods 77 districts in Nouakchott"}
    checked = await brief(Scripted([], false, {TITLE: ENGLISH[TITLE]}))
    assert (checked.status, checked.title) == ("pass", ())
    assert [(repair.action, repair.text) for repair in checked.repairs] == [("decoded-again", false[TITLE])]


async def test_a_title_that_stays_false_is_flagged_and_the_brief_is_to_review() -> None:
    false = "Heavy rain floods 77 districts in Nouakchott"
    checked = await brief(Scripted([], {**ENGLISH, TITLE: false}))
    flag = checked.title[0]
    assert (flag.kind, flag.detail, false[flag.start : flag.end]) == ("number", "stands nowhere in the headline", "77")
    assert checked.status == "review"
    assert checked.inspection.report.status == "pass"


async def test_an_english_articles_false_summary_gives_way_without_any_translation() -> None:
    false = "The council closed 77 schools in Paris."
    runtime = Scripted([false, false])
    made = drafting(runtime, "\n\n".join(FLOOD.values()), ENGLISH[TITLE])
    checked = await trusted(made, await made.draft("summarize-first"), "summarize-first")
    assert checked.draft.method == "extract"
    assert all(line.text in FLOOD.values() and line.source is None for line in checked.draft.lines)
    assert runtime.translated == []


async def test_by_the_other_route_too_the_article_is_translated_once() -> None:
    false, sound = "Rain flooded 77 districts in Nouakchott.", "Rain flooded three districts in Nouakchott."
    runtime = Scripted([false, sound])
    made = drafting(runtime)
    checked = await trusted(made, await made.draft("translate-first"), "translate-first")
    assert texts(checked)[0] == sound
    assert checked.repairs[0].action == "decoded-again"
    assert len(runtime.translated) == 1


async def test_no_stage_contains_another() -> None:
    made = drafting(Scripted([FALSE, FALSE], SAID))
    await trusted(made, await made.draft("summarize-first"), "summarize-first")
    assert made.work.timing.keys() == {"summarize", "extract", "translate", "check"}


async def test_in_a_language_whose_numbers_and_names_cannot_be_read_none_is_said_to_be_missing() -> None:
    german = "Der Bürgermeister von Genf sagte am Montag, dass drei Schulen wegen des Regens geschlossen bleiben."
    runtime = Scripted(
        [], {german: "The mayor of Geneva said on Monday that three schools would stay closed because of the rain."}
    )
    made = drafting(runtime, german, title=None)
    checked = await trusted(made, await made.draft("summarize-first"), "summarize-first")
    assert checked.status == "partial"
    missing = ("number", "name", "negation", "attribution", "unsupported", "foreign")
    assert checked.inspection.report.unavailable == missing


async def test_a_sentence_that_goes_on_and_on_does_not_hold_up_the_checks() -> None:
    stammer = "لم " * 2_000 + "."
    runtime = Scripted([], {**ENGLISH, stammer: "He did not say no. " * 40})
    made = drafting(runtime, stammer, title=None)
    checked = await trusted(made, await made.draft("summarize-first"), "summarize-first")
    assert checked.status == "review"
