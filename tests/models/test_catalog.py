"""The catalogue: what is in it, how it is asked, and what it says about a malformed table."""

from pathlib import Path

import pytest

from models.catalog import Catalog, CatalogError, Entry
from models.errors import PairUnsupported

PAIR = """
[{name}]
job = "translate"
family = "marian"
size = "{size}"
sources = ["{source}"]
targets = ["en"]
repo = "someone/{name}"
licence = "Apache-2.0"
commercial = true
limits = {{ max_tokens = 512, max_new_tokens = 512, beams = 4 }}
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


def table(name: str = "sw-en", source: str = "sw", size: str = "default") -> str:
    return PAIR.format(name=name, source=source, size=size)


def written(path: Path, text: str) -> Path:
    file = path / "catalog.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_at_least_ten_languages_go_into_english_and_english_goes_into_arabic(catalog: Catalog) -> None:
    assert len([source for source, target in catalog.pairs() if target == "en"]) >= 10
    assert ("en", "ar") in catalog.pairs()


def test_arabic_has_a_default_and_a_small_translator(catalog: Catalog) -> None:
    assert catalog.translator("ar", "en").repo == "Helsinki-NLP/opus-mt-tc-big-ar-en"
    assert catalog.translator("ar", "en", "small").repo == "Helsinki-NLP/opus-mt-ar-en"


def test_persian_goes_through_its_family(catalog: Catalog) -> None:
    assert catalog.translator("fa", "en").repo == "Helsinki-NLP/opus-mt-tc-bible-big-iir-en"


def test_small_falls_back_to_the_default_checkpoint_of_a_pair_without_a_small_one(catalog: Catalog) -> None:
    assert catalog.translator("he", "en", "small") == catalog.translator("he", "en")
    assert set(catalog.pairs("small")) == set(catalog.pairs("default"))


def test_a_checkpoint_with_several_targets_names_the_token_for_each(catalog: Catalog) -> None:
    assert catalog.translator("en", "ar").prefix == {"ar": ">>ara<<"}


def test_an_unknown_pair_is_told_which_pairs_there_are(catalog: Catalog) -> None:
    with pytest.raises(PairUnsupported, match=r"no translator from th to en: into en there are ar,.*from th.*none"):
        catalog.translator("th", "en")
    with pytest.raises(PairUnsupported, match="from en there are ar"):
        catalog.translator("en", "fr")


def test_sample_models_answer_only_when_asked_for(catalog: Catalog) -> None:
    sample = catalog.translator("ar", "en", "sample")
    assert sample.sample
    assert sample.folder == "translator"
    assert not any(entry.sample for entry in (catalog.translator("ar", "en"), catalog.translator("ar", "en", "small")))
    with pytest.raises(PairUnsupported, match="no sample translator from fr to en"):
        catalog.translator("fr", "en", "sample")
    assert catalog.get("sample-summarizer").sample


def test_a_summarizer_may_wait_to_be_named(catalog: Catalog) -> None:
    assert not catalog.get("sample-summarizer").by_default
    assert catalog.summarizer("ar", "sample") is None


def test_the_summarizer_reads_the_languages_of_xl_sum_and_says_that_its_licence_forbids_commerce(
    catalog: Catalog,
) -> None:
    xlsum = catalog.summarizer("ar")
    assert xlsum is not None
    assert (xlsum.licence, xlsum.commercial) == ("CC-BY-NC-SA-4.0", False)
    assert len(set(xlsum.sources)) == 43  # 45 languages, where Chinese and Serbian count once for each script


@pytest.mark.parametrize("language", ["de", "he"])
def test_a_language_that_no_summarizer_reads_has_none(catalog: Catalog, language: str) -> None:
    assert catalog.summarizer(language) is None
    assert catalog.translator(language, "en")


def test_every_licence_and_every_score_is_stated(catalog: Catalog) -> None:
    for entry in catalog.entries:
        assert entry.licence
        assert entry.sample or entry.quality, entry.id


def test_adding_a_pair_is_one_table(tmp_path: Path) -> None:
    text = Path("models/catalog.toml").read_text(encoding="utf-8") + table()
    extended = Catalog.load(written(tmp_path, text))
    assert extended.translator("sw", "en").repo == "someone/sw-en"
    assert set(extended.pairs()) - set(Catalog.load().pairs()) == {("sw", "en")}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('job = "translate"', 'job = "sing"'), r"\[sw-en\] job is 'sing', not one of translate, summarize"),
        (('family = "marian"', 'family = "gpt"'), r"\[sw-en\] family is 'gpt'"),
        (('size = "default"', 'size = "huge"'), r"\[sw-en\] size is 'huge'"),
        (('repo = "someone/sw-en"\n', ""), r"\[sw-en\] lacks repo"),
        (("commercial = true", "commercial = 1"), r"\[sw-en\] commercial has the wrong type: 1"),
        (("commercial = true", 'commercial = true\ncolour = "red"'), r"\[sw-en\] has unknown columns: colour"),
        (('sources = ["sw"]', "sources = []"), r"\[sw-en\] sources is empty"),
        (('sources = ["sw"]', 'sources = ["Swahili"]'), r"\[sw-en\] sources must be a list of lower-case"),
        (('targets = ["en"]\n', ""), r"\[sw-en\] a translator has targets"),
        (("beams = 4", "beams = 0"), r"\[sw-en\] limits must all be at least 1"),
        (("beams = 4", "beams = true"), r"\[sw-en\] limits beams has the wrong type: True"),
        (("beams = 4", "beams = 4, heat = 1"), r"\[sw-en\] limits has unknown columns: heat"),
        (('size = "default"', 'size = "sample"'), r"\[sw-en\] a sample model needs its folder"),
        (("commercial = true", 'commercial = true\nprefix = { fr = ">>fra<<" }'), r"prefix names fr, not among"),
        (("commercial = true", "commercial = true\nquality = [{ value = 1.0 }]"), r"quality lacks language"),
        (("[sw-en]", "[sw-en"), r"catalog.toml is not TOML"),
    ],
)
def test_a_malformed_table_is_named_with_its_fault(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    text = table().replace(*change)
    assert text != table()
    with pytest.raises(CatalogError, match=complaint):
        Catalog.load(written(tmp_path, text))


def test_two_checkpoints_never_claim_the_same_pair(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"\[other\] and \[sw-en\] both claim translate default sw en"):
        Catalog.load(written(tmp_path, table() + table("other")))


def test_an_entry_cannot_be_changed(catalog: Catalog) -> None:
    entry: Entry = catalog.translator("en", "ar")
    with pytest.raises(AttributeError):
        entry.repo = "elsewhere"
    with pytest.raises(TypeError):
        entry.prefix["fr"] = ">>fra<<"


def test_an_unknown_id_is_told_the_ids_there_are(catalog: Catalog) -> None:
    with pytest.raises(KeyError, match="xlsum"):
        catalog.get("nothing")
