"""`mujaz eval`: figures with intervals, from the bundled models or from what the settings name."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.translate import Translated
from service import runtime
from tests.service.cli.conftest import Mujaz

PAIRS = [
    {
        "id": "1",
        "source": "أعلن الوزير افتتاح المدرسة.",
        "references": ["The minister announced the opening of the school."],
    },
    {"id": "2", "source": "سقط مطر غزير.", "references": ["Heavy rain fell.", "It rained heavily."]},
]
ARTICLES = [
    {
        "id": "1",
        "text": "سقط مطر غزير أمس. أغلقت المدارس أبوابها. عاد الهدوء.",
        "references": ["أغلقت الأمطار المدارس."],
    },
    {"id": "2", "text": "فاز الفريق الليبي. خسر الفريق الآخر.", "references": ["فاز الفريق الليبي."]},
]
BASELINES = {"lead-1", "lead-2", "extract-1"}


class Models:
    """A runtime whose translator knows the answers and whose summarizer repeats the first sentence."""

    summarized: tuple[str, ...] = ("ar",)

    def __init__(self) -> None:
        self.pair: tuple[str, str] | None = None
        self.chunks: list[int] = []
        self.closed = False

    def start(self) -> None: ...

    def close(self) -> None:
        self.closed = True

    def work(self, lane: str) -> str:
        return lane

    def summarizes(self, language: str) -> bool:
        return language in self.summarized

    @asynccontextmanager
    async def translator(self, source: str, target: str) -> AsyncIterator[Any]:
        self.pair = (source, target)

        async def translate(texts: Sequence[str], work: str) -> list[Translated]:
            assert work == "bulk"
            self.chunks.append(len(texts))
            references = {row["source"]: str(row["references"][0]) for row in PAIRS}
            return [Translated(references[text]) for text in texts]

        yield SimpleNamespace(translate=translate, model=SimpleNamespace(info=SimpleNamespace(repo="me/translator")))

    @asynccontextmanager
    async def summarizer(self, language: str) -> AsyncIterator[Any]:
        async def summarize(sentences: Sequence[str], work: str) -> Any:
            assert work == "bulk"
            return SimpleNamespace(text=sentences[0])

        yield SimpleNamespace(summarize=summarize, model=SimpleNamespace(info=SimpleNamespace(repo="me/summarizer")))


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    made = Models()
    monkeypatch.setattr(runtime, "make_runtime", lambda settings: made)
    return made


def write(folder: Path, rows: Sequence[object]) -> Path:
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return folder / "rows.jsonl"


def test_translations_are_scored_with_intervals(mujaz: Mujaz, models: Models, tmp_path: Path) -> None:
    file = write(tmp_path, PAIRS)
    done = mujaz("eval", "translation", file, "--format", "json")
    assert done.code == 0
    answer = json.loads(done.out)
    assert answer.keys() == {"file", "sha256", "rows", "systems"}
    assert (answer["file"], answer["rows"]) == (str(file), 2)
    assert answer["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert answer["systems"]["me/translator"]["chrf"] == {"value": 100.0, "low": 100.0, "high": 100.0}
    assert answer["systems"]["me/translator"].keys() == {"chrf", "bleu"}
    assert models.pair == ("ar", "en")
    assert models.closed


def test_the_table_has_a_line_for_each_system(mujaz: Mujaz, models: Models, tmp_path: Path) -> None:
    done = mujaz("eval", "summaries", write(tmp_path, ARTICLES))
    head, names, *systems = done.out.splitlines()
    assert head.endswith(": 2 rows, 95% confidence intervals in brackets")
    assert names.split() == ["rouge1", "rouge2", "rougeL"]
    assert [line.split()[0] for line in systems] == ["me/summarizer", "lead-1", "lead-2", "extract-1"]
    assert systems[0].split()[1:] == systems[1].split()[1:]


def test_without_a_summarizer_the_others_are_scored(mujaz: Mujaz, models: Models, tmp_path: Path) -> None:
    models.summarized = ()
    done = mujaz("eval", "summaries", write(tmp_path, ARTICLES), "--format", "json")
    assert done.code == 0
    assert list(json.loads(done.out)["systems"]) == ["lead-1", "lead-2", "extract-1"]
    assert "no summarizer is configured for ar" in done.err


def test_a_limit_takes_the_first_rows_and_many_go_in_chunks(mujaz: Mujaz, models: Models, tmp_path: Path) -> None:
    file = write(tmp_path, PAIRS * 50)
    assert json.loads(mujaz("eval", "translation", file, "--limit", 70, "--format", "json").out)["rows"] == 70
    assert models.chunks == [64, 6]


def test_the_corpus_can_be_scored_and_is_named_by_its_digest(mujaz: Mujaz, models: Models) -> None:
    from models.training.data import digest

    done = mujaz("eval", "summaries", "corpus:validation", "--limit", 5, "--format", "json")
    assert json.loads(done.out)["sha256"] == digest()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("translation", "nowhere.jsonl"), "nowhere.jsonl"),
        (("translation", "corpus:train"), "not corpus:train"),
        (("translation", "rows.jsonl", "--format", "markdown"), "markdown"),
        (("summaries", "rows.jsonl"), "rows.jsonl:1: expected"),
        (("cleaning", "rows.jsonl"), "rows.jsonl:1: expected"),
        (("selection", "rows.jsonl"), "rows.jsonl:1: expected"),
        (("selection", "corpus:test", "--language", "fr"), "not this in fr"),
    ],
)
def test_wrong_usage_is_told(
    mujaz: Mujaz,
    models: Models,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, PAIRS)
    done = mujaz("eval", *arguments)
    assert done.code == 2
    assert message in " ".join(done.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "rows", "systems"),
    [
        (["translation"], PAIRS, {"mujaz/sample-translator"}),
        (["summaries", "--summarizer", "sample-summarizer"], ARTICLES, {"mujaz/sample-summarizer", *BASELINES}),
        (["summaries"], ARTICLES, BASELINES),
    ],
)
def test_the_bundled_models_are_scored(
    mujaz: Mujaz, tmp_path: Path, arguments: list[str], rows: list[object], systems: set[str]
) -> None:
    job, *options = arguments
    done = mujaz("eval", job, write(tmp_path, rows), *options, "--models", "sample", "--format", "json")
    assert done.code == 0, done.err
    figures = json.loads(done.out)["systems"]
    assert figures.keys() == systems
    for scores in figures.values():
        assert all(0 <= score["low"] <= score["high"] <= 100.000001 for score in scores.values())


class Restricted(Models):
    """A runtime that writes what it reads, but sentences with rain otherwise where its vocabulary is restricted."""

    def __init__(self, vocabulary: tuple[str, ...]) -> None:
        super().__init__()
        self.other = bool(vocabulary)

    def write(self, text: str) -> str:
        return f"{text}!" if self.other and "مطر" in text else text

    @asynccontextmanager
    async def translator(self, source: str, target: str) -> AsyncIterator[Any]:
        async def translate(texts: Sequence[str], work: str) -> list[Translated]:
            return [Translated(self.write(text)) for text in texts]

        yield SimpleNamespace(translate=translate, model=SimpleNamespace(info=SimpleNamespace(repo="me/translator")))

    @asynccontextmanager
    async def summarizer(self, language: str) -> AsyncIterator[Any]:
        async def summarize(sentences: Sequence[str], work: str) -> Any:
            return SimpleNamespace(text=self.write(sentences[-1]))

        yield SimpleNamespace(summarize=summarize, model=SimpleNamespace(info=SimpleNamespace(repo="me/summarizer")))


def test_outputs_that_a_restricted_vocabulary_changes_are_counted_and_shown(
    mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runtime, "make_runtime", lambda settings: Restricted(settings.vocabulary))
    file = write(tmp_path, ARTICLES)
    done = mujaz("eval", "vocabulary", file, "--vocabulary", "ar,en")
    assert done.code == 0
    title, _, *rows = done.out.splitlines()
    assert title.endswith(": 2 rows, output vocabulary full and ar,en")
    assert [row.split() for row in rows] == [
        ["me/translator", "5", "1", "20.00%"],
        ["me/summarizer", "2", "0", "0.00%"],
    ]
    answer = json.loads(mujaz("eval", "vocabulary", file, "--format", "json").out)
    assert (answer["vocabulary"], answer["rows"]) == ("ar,en", 2)
    assert answer["systems"]["me/translator"] == {
        "outputs": 5,
        "changed": 1,
        "changes": [{"full": "سقط مطر غزير أمس.", "restricted": "سقط مطر غزير أمس.!"}],
    }


def test_a_vocabulary_that_is_none_is_refused(mujaz: Mujaz, tmp_path: Path) -> None:
    done = mujaz("eval", "vocabulary", write(tmp_path, ARTICLES), "--vocabulary", "Arabic", "--models", "sample")
    assert done.code == 2
    assert "MUJAZ_VOCABULARY must be full, or language codes" in " ".join(done.err.replace("│", " ").split())


EVIDENCE = {
    "id": "1",
    "sentences": ["وصل وزير الزراعة إلى مدينة سبها.", "وقتل أربعة جنود في انفجار قرب المطار."],
    "brief": "Four soldiers were killed in an explosion.",
    "evidence": [1],
}


def test_evidence_is_scored_for_each_pair_of_languages(mujaz: Mujaz, tmp_path: Path) -> None:
    file = write(tmp_path, [EVIDENCE, EVIDENCE | {"brief": EVIDENCE["sentences"][1]}])
    answer = json.loads(mujaz("eval", "evidence", file, "--format", "json").out)
    assert answer["rows"] == 2
    assert {name: scores["accuracy"]["value"] for name, scores in answer["systems"].items()} == {
        "ar-ar": 1.0, "ar-ar first sentence": 0.0, "en-ar": 1.0, "en-ar first sentence": 0.0
    }  # fmt: skip
    assert re.search(r"en-ar +1\.00 \[1\.00, 1\.00\]", mujaz("eval", "evidence", file).out)


def test_evidence_that_points_nowhere_is_wrong_usage(mujaz: Mujaz, tmp_path: Path) -> None:
    done = mujaz("eval", "evidence", write(tmp_path, [EVIDENCE | {"evidence": [2]}]))
    assert done.code == 2
    assert "expected" in done.err


def test_what_a_summarizer_is_shown_is_held_against_the_summary(mujaz: Mujaz, tmp_path: Path) -> None:
    file = write(tmp_path, ARTICLES)
    done = mujaz("eval", "selection", file, "--share", 50, "--format", "json")
    assert done.code == 0
    answer = json.loads(done.out)
    assert (answer["rows"], list(answer["systems"])) == (2, ["head", "whole head", "window", "oracle"])
    assert answer["systems"]["head"]["over head"]["value"] == 0


def test_of_the_corpus_each_way_to_join_articles_is_scored(mujaz: Mujaz) -> None:
    systems = json.loads(mujaz("eval", "selection", "corpus:validation", "--limit", 3, "--format", "json").out)[
        "systems"
    ]
    ways = ("alone", "followed", "resumed", "two events", "digest", "anywhere")
    assert list(systems) == [
        f"{way}: {system}" for way in ways for system in ("head", "whole head", "window", "oracle")
    ]


def test_cleaning_is_held_against_gold_sentences(mujaz: Mujaz, tmp_path: Path) -> None:
    text = "سقط مطر غزير أمس في المدينة. أغلقت المدارس أبوابها."
    file = write(tmp_path, [{"id": "1", "text": text, "sentences": [text[:28], text[29:]], "furniture": []}])
    scores = json.loads(mujaz("eval", "cleaning", file, "--format", "json").out)["systems"]["mujaz"]
    assert {kind: score["value"] for kind, score in scores.items()} == {"whole": 100, "boundary F1": 100, "lost": 0}
    table = mujaz("eval", "cleaning", "corpus:validation", "--language", "en", "--limit", 5).out.splitlines()
    assert table[0].endswith(": 5 rows, 95% confidence intervals in brackets")


def test_checks_are_scored_by_label(tmp_path: Path, mujaz: Mujaz) -> None:
    true = {
        "id": "1",
        "text": "قتل 34 جنديا في انفجار قرب المطار.",
        "brief": "An explosion near the airport killed 34 soldiers.",
        "label": "faithful",
    }
    false = true | {"id": "2", "brief": "An explosion near the airport killed 43 soldiers.", "label": "number"}
    file = write(tmp_path, [true, false])
    systems = json.loads(mujaz("eval", "checks", file, "--format", "json").out)["systems"]
    assert {name: scores["flagged"]["value"] for name, scores in systems.items()} == {
        "faithful (1)": 0,
        "number (1)": 100,
    }
    assert "number (1)" in mujaz("eval", "checks", file).out
    assert json.loads(mujaz("eval", "checks", file, "--limit", 1, "--format", "json").out)["rows"] == 1


def test_a_label_that_is_none_is_refused(tmp_path: Path, mujaz: Mujaz) -> None:
    done = mujaz("eval", "checks", write(tmp_path, [{"id": "1", "text": "x", "brief": "x", "label": "odd"}]))
    assert done.code == 2 and "rows.jsonl:1" in done.err
