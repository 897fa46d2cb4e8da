"""Answers to read: the verdict first, what is to doubt within the sentence, what it rests on below it."""

import pytest

from service.cli.render import failure, markdown, text
from service.schemas.briefs import (
    Brief,
    BriefOptions,
    Checks,
    Comparison,
    Difference,
    Evidence,
    FailedItem,
    Flag,
    GlossaryUse,
    ItemError,
    Repair,
    Title,
)
from tests.support.service_fakes import CHECKED, Article, brief_of

SAID = "The clashes in Aden killed 43 people."
EVIDENCE = Evidence(start=120, end=160, text="قتلت الاشتباكات في عدن 34 شخصا.", score=0.71)


def flag(
    words: str, kind: str = "number", detail: str = "stands nowhere in the article", number: int | None = 0
) -> Flag:
    start = SAID.index(words)
    return Flag(kind=kind, detail=detail, sentence=number, start=start, end=start + len(words), against=[])


def made(*flags: Flag, **changes: object) -> Brief:
    """A brief of one sentence with these flags."""
    brief = brief_of(Article(id="a.txt", text="x"), "x", BriefOptions())
    sentence = brief.sentences[0].model_copy(update={"text": SAID, "evidence": [EVIDENCE], "flags": list(flags)})
    checks = CHECKED.model_copy(update={"status": "review" if flags else "pass", "flags": list(flags)})
    return brief.model_copy(update={"sentences": [sentence], "checks": checks, "method": "model", **changes})


def lines(brief: Brief, width: int = 100) -> list[str]:
    return text(brief, width).splitlines()


def test_the_verdict_comes_before_the_sentences() -> None:
    shown = text(made(flag("43")))
    assert shown.index("REVIEW: 1 point to doubt") < shown.index("The clashes")
    assert "PASSED: the checks found nothing to doubt" in text(made())


def test_partly_checked_names_what_could_not_be_checked() -> None:
    partly = Checks(status="partial", run=["number"], unavailable=["name", "negation"], flags=[], repairs=[])
    shown = " ".join(text(made(checks=partly)).split())
    assert "PARTLY CHECKED: the checks that could run found nothing" in shown
    assert "for these languages: name, negation" in shown


def test_what_is_to_doubt_stands_in_brackets_with_a_mark_in_the_margin() -> None:
    shown = lines(made(flag("43"), flag("Aden", "name")))
    assert "! The clashes in [Aden?] killed [43?] people." in shown
    assert '    ! number "43": stands nowhere in the article' in shown
    assert '    ! name "Aden": stands nowhere in the article' in shown


def test_a_sentence_without_flags_has_no_mark() -> None:
    assert f"  {SAID}" in lines(made())


def test_two_flags_of_one_place_are_one_point() -> None:
    shown = text(made(flag("43"), flag("43", detail='the article has "34" here')))
    assert "REVIEW: 1 point" in shown
    assert '! number "43": stands nowhere in the article; the article has "34" here' in shown


def test_a_flag_on_the_whole_sentence_does_not_repeat_it() -> None:
    shown = lines(made(flag(SAID, "negation", "denied here, not in the article")))
    assert f"! {SAID}" in shown
    assert "    ! negation: denied here, not in the article" in shown


def test_below_a_sentence_stands_what_it_rests_on_and_where() -> None:
    shown = lines(made())
    place = shown.index("    rests on 120-160 (0.71):")
    assert shown[place + 1] == f"      {EVIDENCE.text}"


def test_a_sentence_that_rests_on_nothing_says_so() -> None:
    sentence = made().sentences[0].model_copy(update={"evidence": []})
    assert "rests on nothing that was found in the article" in text(made(sentences=[sentence]))


def test_an_empty_translation_is_shown_as_such() -> None:
    sentence = made().sentences[0].model_copy(update={"text": ""})
    assert "[no word?]" in text(made(sentences=[sentence]))
    assert "[no word?" in markdown(made(sentences=[sentence]))


def test_the_title_is_marked_like_a_sentence() -> None:
    doubt = flag("43", number=None)
    title = Title(source="عنوان", translation=SAID, flags=[doubt])
    shown = lines(made(title=title))
    assert shown[0] == "== The clashes in Aden killed [43?] people."
    assert shown[1] == '  ! number "43": stands nowhere in the article'


def test_what_was_given_up_is_told_with_its_reasons() -> None:
    repair = Repair(action="replaced", text="Nobody died.", reasons=["negation: denied here, not in the article"])
    checks = CHECKED.model_copy(update={"repairs": [repair]})
    told = 'Replaced by the article\'s own: "Nobody died." (negation: denied here, not in the article)'
    assert told in text(made(checks=checks))
    assert told in markdown(made(checks=checks))


def test_of_two_routes_only_what_the_article_lacks_is_to_doubt() -> None:
    differences = [
        Difference(kind="number", text="35", route="summarize-first", in_article=True),
        Difference(kind="name", text="Beirut", route="translate-first", in_article=False),
    ]
    both = Comparison(route="translate-first", brief="Another brief.", reason=None, differences=differences)
    shown = lines(made(comparison=both))
    assert '    - only summarize-first has the number "35", which is in the article' in shown
    assert '    ! only translate-first has the name "Beirut", which was NOT found in the article' in shown
    assert '- **!** only translate-first has the name "Beirut"' in markdown(made(comparison=both))


def test_where_only_one_route_was_taken_the_reason_is_told() -> None:
    alone = Comparison(route="translate-first", brief=None, reason="There is nothing to translate.", differences=[])
    for shown in (text(made(comparison=alone)), markdown(made(comparison=alone))):
        assert "Only one route was taken. There is nothing to translate." in shown


def test_each_glossary_entry_is_told_once_and_whether_it_was_applied() -> None:
    use = GlossaryUse(
        source="عدن", target="Aden", applied=True, reason=None, source_text="في عدن", source_start=3, source_end=6,
        translation="In Aden", start=3, end=7,
    )  # fmt: skip
    lost = use.model_copy(update={"target": "Eden", "applied": False, "reason": "not sure", "start": None, "end": None})
    assert "Glossary: عدن = Aden; عدن = Eden (not applied: not sure)" in text(made(glossary=[use, use, lost]))


@pytest.mark.parametrize("width", [10, 40, 60, 100, 1000])
def test_lines_are_as_narrow_as_the_terminal_between_40_and_100(width: int) -> None:
    brief = made(flag("43"), brief=SAID)
    assert max(map(len, lines(brief, width)[1:])) <= max(40, min(100, width))


def test_no_colours_are_written() -> None:
    assert "\x1b" not in text(made(flag("43")))


def test_what_others_wrote_cannot_act_or_pass_for_a_verdict() -> None:
    title = Title(source="عنوان\n\n  PASSED: all well", translation="T\x1b[31m\n  PASSED", flags=[])
    evil = made(flag("43"), id="a\x1b]0;x\x07\n  PASSED: \u202e", title=title)
    shown = text(evil)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not [row for row in shown.splitlines() if row.strip().startswith("PASSED")]
    item = FailedItem(id="\x1b[2J\nok", error=ItemError(code="empty_text", message="Empty."))
    assert failure(item) == "\ufffd[2J ok: Empty. [empty_text]"


def test_markdown_of_an_article_stays_text() -> None:
    title = Title(source="# PASSED", translation="<b>[x](y)</b>", flags=[])
    shown = markdown(made(title=title))
    assert shown.startswith("## \\<b\\>\\[x\\](y)\\</b\\>\n\n\\# PASSED (a.txt)\n")
