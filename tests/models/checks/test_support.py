"""Support: long passages of which no sentence of the article says anything."""

from models.checks.support import unsupported
from tests.models.checks.pairs import retelling

SENTENCE = "The minister opened a school in Tripoli on Monday."
INVENTED = "heavy floods destroyed bridges, hospitals, factories, warehouses, orchards, vineyards, mosques and villages"


def test_an_invented_passage_is_found() -> None:
    text = f"The minister opened a school {INVENTED}."
    ((start, end),) = unsupported([retelling(text, SENTENCE)])
    assert text[start:end].strip() == INVENTED.strip()


def test_another_source_may_bear_it_out() -> None:
    text = f"The minister opened a school {INVENTED}."
    assert unsupported([retelling(text, SENTENCE), retelling(text, f"Yesterday {INVENTED}.")]) == []


def test_few_words_are_not_enough_and_without_sources_nothing_is_said() -> None:
    assert unsupported([retelling("The minister opened a school with his brother.", SENTENCE)]) == []
    assert unsupported([]) == []


def test_what_other_sentences_have_in_part_is_summed_up() -> None:
    text = f"The minister opened a school {INVENTED}."
    others = [retelling(text, "Floods destroyed bridges."), retelling(text, "Orchards and villages suffered.")]
    assert unsupported([retelling(text, SENTENCE)], others) == []
    assert unsupported([retelling(text, SENTENCE)], others[1:]) != []
