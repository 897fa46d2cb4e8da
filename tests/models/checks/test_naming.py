"""Names that neither tables nor a sure sound find, held against the sentences that a brief rests on."""

import pytest

from models.checks.claim import Pair
from models.checks.naming import unexplained
from models.text import names


def left(brief: str, ground: str) -> list[str]:
    """The names of the brief that are flagged although it rests on `ground`."""
    unknown = names.missing(brief, names.Places(ground, "ar"))
    pair = Pair(brief, "en", ground, "ar", whole=False, index=0)
    return [name.text for name in unexplained(unknown, brief, "en", [pair])]


@pytest.mark.parametrize(
    ("brief", "ground"),
    [
        ("A fire broke out in the port of Thessalodori.", "اندلع حريق في ميناء سالودور."),
        ("The mayor of Zabaryzhyn resigned.", "استقال رئيس بلدية زاباروجيا."),
    ],
)
def test_a_word_faintly_alike_to_the_only_one_left_open_is_the_name(brief: str, ground: str) -> None:
    assert left(brief, ground) == []


@pytest.mark.parametrize(
    ("brief", "ground"),
    [
        ("A fire broke out in the port of Thessalodori.", "اندلع حريق في ميناء كولومبيسك."),
        ("A fire broke out in Tabuk.", "اندلع حريق في طبرق قرب باقة."),
        ("The minister went to Sudan.", "سافر الوزير إلى سيدان."),
        ("Mahmoud Harizi resigned.", "استقال خالد الحريزي."),
    ],
)
def test_another_name_is_not(brief: str, ground: str) -> None:
    assert left(brief, ground) != []


def test_a_word_of_a_name_may_be_translated() -> None:
    ground = "تأخرت رحلات الخطوط السرمدية."
    assert left("Flights of Sarmadi Airways were late.", ground) == []
    assert left("Flights of Darwish Airways were late.", ground) == ["Darwish Airways"]


def test_without_grounds_every_name_stays() -> None:
    unknown = names.missing("He went to Malta.", names.Places("سافر إلى روما", "ar"))
    assert unexplained(unknown, "He went to Malta.", "en", []) == unknown
