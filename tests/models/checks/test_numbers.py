"""Numbers: beside the same thing as in the source."""

import pytest

from models.checks.article import Article
from models.checks.claim import Pair
from models.checks.numbers import crossed, exchanged, opposed, turned, unknown
from models.text.numbers import read
from tests.models.checks.pairs import retelling, translation


def flagged(pair: Pair) -> list[tuple[str, str]]:
    found = dict([*exchanged(pair, []), *crossed(pair), *turned(pair)])
    return sorted(
        (pair.text[one.start : one.end], pair.source[other.start : other.end]) for one, other in found.items()
    )


def test_two_numbers_that_changed_places() -> None:
    pair = retelling(
        "The centre has 26 beds, 618 operating rooms and a unit for children.",
        "The centre has 618 beds, 26 operating rooms and a unit for children.",
    )
    assert flagged(pair) == [("26", "618"), ("618", "26")]


def test_across_languages() -> None:
    text = "The motion was supported by 184 MPs and opposed by 325 MPs."
    pair = translation(text, "وصوت لصالح المذكرة 325 نائبا، وعارضها 184 نائبا.")
    assert flagged(pair) == [("184", "325"), ("325", "184")]


def test_a_change_turned_round() -> None:
    pair = translation("Inflation rose from 69% to 67%.", "ارتفع التضخم من 67% إلى 69%.")
    assert {said for said, _ in flagged(pair)} == {"69%", "67%"}


def test_by_a_third_is_not_to_a_third_but_by_half_is_to_half() -> None:
    changed = translation("Production fell by a third.", "انخفض الإنتاج إلى الثلث.")
    assert flagged(changed) == [("third", "الثلث")]
    assert flagged(translation("Production fell by half.", "انخفض الإنتاج إلى النصف.")) == []


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Fifteen of the 22 members supported the dismissal.", "وأيد الإقالة 15 عضوا من أصل 22."),
        ("The strike killed 12 people and wounded 31 soldiers.", "أسفرت الغارة عن إصابة 31 جنديا ومقتل 12 شخصا."),
        ("Two people were killed and 43 injured in an earthquake.", "قتل شخصان وأصيب 43 آخرون في زلزال."),
        ("It granted citizenship to more than 20,000 Syrians.", "منحت الجنسية لأكثر من 20 ألف سوري."),
        ("The work will be finished by 2030.", "وسيستمر العمل إلى 2030."),
        ("They were attacked by 40 men.", "وارتفع عدد المهاجمين إلى 40 رجلا."),
        ("The migrants come from nine countries.", "ينتمي المهاجرون إلى تسع دول."),
        ("He gave up his powers to an eight-member council.", "تنازل عن صلاحياته لمجلس من ثمانية أعضاء."),
        ("Overcrowding cut hope and led to a 14% increase in cases.", "ارتفعت الحالات بنسبة 14% بسبب الاكتظاظ."),
        ("Thousands of Libyans observed silence after two dams collapsed.", "وقف آلاف الليبيين صمتا بعد انهيار سدين."),
        ("Inflation rose from 67% to 69%.", "ارتفع التضخم من 67% إلى 69%."),
        ("Two missiles fell near 15 houses.", "سقط صاروخان قرب خمسة عشر منزلا."),
        (
            "The rial fell to 1,890 to the dollar, and the bank will sell $50 million.",
            "انخفض الريال إلى 1890 للدولار، وسيبيع المصرف 50 مليون دولار.",
        ),
    ],
)
def test_the_same_in_another_order_or_form(text: str, source: str) -> None:
    assert flagged(translation(text, source)) == []
    assert flagged(retelling(text, source)) == []


def asked(text: str, sentence: str) -> list[str]:
    """The numbers of a text that are asked for, where it retells one sentence of the article."""
    said, pair = read(text, "en"), retelling(text, sentence)
    return [text[one.start : one.end] for one in unknown(said, Article([sentence], "ar"), [], [pair], text)]


VILLAGES = "بدأت وزارة النفط في مصر توزيع الغاز في الفيوم والمنيا والجيزة مطلع العام الماضي بعد تأخير طويل."


def test_what_a_writer_counts_or_dates_is_not_asked_for() -> None:
    assert asked("Egypt began distributing gas in three governorates after eight months of waiting.", VILLAGES) == []


def test_a_large_number_is_asked_for_and_a_small_one_where_another_stands() -> None:
    assert asked("Egypt began distributing gas in 340 villages.", VILLAGES) == ["340"]
    sentence = VILLAGES.replace("في الفيوم", "في سبع محافظات منها الفيوم")
    assert asked("Egypt began distributing gas in three governorates, which had waited long.", sentence) == ["three"]


def test_counts_may_be_added_up_roughly() -> None:
    sentence = "وأصيب 17 طالبا وأربعة من رجال الشرطة، كما اعتقل نحو خمسين شخصا."
    assert asked("In clashes at the university more than twenty people were hurt.", sentence) == []
    assert asked("In clashes at the university more than ninety people were hurt.", sentence) == ["ninety"]


def test_counts_of_a_sentence_are_added_up_though_another_stands_between_them() -> None:
    sentence = "أسفرت الاشتباكات عن مقتل سبعة من الحرس وإصابة 15، وعثر على جثث خمسة من المهاجمين."
    assert asked("The clashes at the port left at least 12 people dead.", sentence) == []
    assert asked("The clashes at the port left at least 13 people dead.", sentence) == ["13"]


def test_a_time_is_asked_for_where_the_sentence_has_another_in_the_same_unit() -> None:
    sentence = "أغلق حراس حقل الشرارة صماما على خط الأنابيب احتجاجا على تأخر رواتبهم أحد عشر شهرا."
    assert asked("Guards of the oilfield are back after a three-day strike.", sentence) == []
    assert asked("Guards of the oilfield are back after a three-month strike.", sentence) == ["three"]


def test_a_bound_on_the_other_side() -> None:
    source = "إن أقل من نصف السكان يحصلون على الكهرباء، وإن أكثر من 40 بلدة تنتظرها."
    pair = translation("More than half of the population has power, and more than 40 towns wait for it.", source)
    assert [pair.text[said.start : said.end] for said, _ in opposed(pair)] == ["half"]


def test_what_another_sentence_has_beside_the_same_thing_is_not_exchanged() -> None:
    text = "Some 120 trucks have reached Gaza."
    pair = retelling(text, "يحتاج قطاع غزة إلى 600 شاحنة كل يوم.")
    assert list(exchanged(pair, [])) != []
    assert list(exchanged(pair, [retelling(text, "دخلت 120 شاحنة إلى القطاع.")])) == []
    drowned = retelling("The coast guard brought 74 survivors ashore.", "ونقل خفر السواحل 47 ناجيا إلى الشاطئ.")
    assert list(exchanged(drowned, [retelling(drowned.text, "غرق 74 مهاجرا قبالة السواحل.")])) != []


def test_a_number_within_a_vague_word_of_the_source_is_not_exchanged() -> None:
    text = "At least 28 students were killed in the strike."
    assert flagged(retelling(text, "سقط عشرات الطلبة بين قتيل وجريح في الغارة.")) == []


def test_two_is_a_number_like_others() -> None:
    source = "وتساءل هل يستطيع ثمانية رجال أن يقودوا سيارة واحدة."
    assert flagged(translation("He wondered whether two men could drive one car.", source)) == [("two", "ثمانية")]
    assert (
        flagged(translation("He wondered whether two men could drive a car.", "وتساءل هل يستطيع رجلان القيادة.")) == []
    )
