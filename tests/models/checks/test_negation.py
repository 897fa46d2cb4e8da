"""Negation: what the source affirms is not denied, and the other way; whichever words a language has for it."""

import pytest

from models.checks.negation import turned
from tests.models.checks.pairs import retelling, translation

SAME = [
    ("The minister did not attend the meeting.", "لم يحضر الوزير الاجتماع."),
    ("The ministry denied that the port had been closed.", "نفت الوزارة إغلاق الميناء."),
    ("The talks ended without an agreement.", "انتهت المحادثات دون اتفاق."),
    ("The army refused to withdraw from the city.", "رفض الجيش الانسحاب من المدينة."),
    ("The understanding stipulates that vehicles will not enter the city.", "ويقضي التفاهم بألا تدخل الآليات المدينة."),
    ("An unidentified aircraft bombed the airport.", "قصفت طائرة مجهولة الهوية المطار."),
    ("They called for an unconditional end to the fighting.", "ودعوا إلى وقف غير مشروط للقتال."),
    ("The war is still going on in the city.", "لا تزال الحرب مستمرة في المدينة."),
    ("Only half of the aid has arrived.", "لم يصل سوى نصف المساعدات."),
    ("The session was not without tension.", "ولم تخل الجلسة من التوتر."),
    ("Abu Dhabi declined to comment on the report.", "وامتنعت أبوظبي عن التعليق على التقرير."),
    (
        "They do not eat, do not sleep, do not work, do not study and do not travel.",
        "لا يأكلون ولا ينامون ولا يعملون ولا يدرسون ولا يسافرون.",
    ),
    ("Ankara did not explicitly deny the agreement.", "ولم تنف أنقرة الاتفاق صراحة."),
]
TURNED = [
    ("The minister attended the meeting.", "لم يحضر الوزير الاجتماع.", False),
    ("The ministry confirmed that the port had been closed.", "نفت الوزارة إغلاق الميناء.", False),
    ("The talks ended with an agreement.", "انتهت المحادثات دون اتفاق.", False),
    ("The minister did not attend the meeting.", "حضر الوزير الاجتماع.", True),
    ("The president would accept a new cabinet under pressure.", "لن يقبل الرئيس حكومة جديدة تحت ضغط.", False),
    ("The army refused to withdraw from the city.", "وافق الجيش على الانسحاب من المدينة.", True),
]


@pytest.mark.parametrize(("text", "source"), SAME)
def test_a_negation_answers_one_of_the_other_language(text: str, source: str) -> None:
    assert not list(turned([translation(text, source)]))
    assert not list(turned([retelling(text, source)]))


@pytest.mark.parametrize(("text", "source", "added"), TURNED)
def test_one_that_was_added_or_lost_is_found(text: str, source: str, added: bool) -> None:
    found = list(turned([translation(text, source)]))
    assert {"added" if added else "lost", "opposed"} & {turn.kind for turn in found}
    assert all(text[turn.start : turn.end].strip() for turn in found)


def test_in_a_near_copy_one_word_tells() -> None:
    said = "Opposition factions fired shells at the city, and the losses were clear."
    sentence = "Opposition factions fired shells at the city, and the losses were not clear."
    (found,) = turned([retelling(said, sentence)])
    assert found.kind == "lost" and said[found.start : found.end] == "clear" and found.index == 0


def test_a_brief_need_not_say_what_is_denied() -> None:
    sentence = "ووصل الوزير إلى طرابلس أمس، ولم يدل بأي تصريح للصحفيين."
    assert not list(turned([retelling("The minister arrived in Tripoli yesterday.", sentence)]))


def test_another_sentence_may_bear_out_a_negation() -> None:
    said = "The company closed the port but did not dismiss the workers."
    first = retelling(said, "The company closed the port to the workers on Monday.")
    assert list(turned([first]))
    assert not list(turned([first, retelling(said, "It did not dismiss the workers.")]))


def test_nothing_is_said_of_no_source() -> None:
    assert list(turned([])) == []


def test_a_denial_of_which_little_is_said_is_found_by_what_stands_before_it() -> None:
    sentence = "ومع ذلك، يقول بعض السكان إنهم لم يحصلوا على أي تعويض لأن أسماءهم سقطت من القوائم."
    (found,) = turned(
        [retelling("Morocco has handed over homes, but some residents say they were compensated.", sentence)]
    )
    assert found.kind == "lost"
