"""`mujaz brief`, `translate`, `summarize`: what is written where, and the exit codes."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import WeightsMissing
from models.glossary import Glossary
from service.version import VERSION
from tests.service.cli.conftest import Mujaz
from tests.support.service_fakes import FakeBriefs, FakeRuntime

pytestmark = pytest.mark.usefixtures("pipeline", "fake_runtime")


@pytest.fixture
def articles(tmp_path: Path) -> list[Path]:
    """A good article, a picture, one in a language without a pair, another good one."""
    contents = {"a.txt": "خبر".encode(), "b.png": b"\x89PNG\x00", "c.txt": b"thai", "d.txt": "خبر آخر".encode()}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in contents]


def test_text_shows_brief_origin_coverage_and_the_notice(mujaz: Mujaz, articles: list[Path]) -> None:
    done = mujaz("brief", articles[0])
    assert done.code == 0
    assert done.err == ""
    assert done.out == (
        f"== {articles[0]}\n\n"
        "  REVIEW: 1 point to doubt, marked with !; could not be checked for these languages: name\n\n"
        "! A brief of [3?] characters.\n"
        '    ! number "3": not in the article\n'
        "    rests on nothing that was found in the article\n"
        "  Added. [from the article]\n"
        "    rests on 0-5 (0.50):\n"
        "      كامل.\n\n"
        "  (ar; read 4 of 5 sentences; left out 1 line that is not prose)\n  Sample models made this.\n\n"
    )


def test_json_has_one_object_a_line_in_order_errors_as_id_and_error(mujaz: Mujaz, articles: list[Path]) -> None:
    done = mujaz("brief", *articles, "--format", "json")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["id"] for line in lines] == [str(path) for path in articles]
    assert [line.get("error", {}).get("code") for line in lines] == [None, "file_kind", "pair_unsupported", None]
    assert lines[1].keys() == {"id", "error"}
    assert done.code == 1
    assert done.err.endswith("2 of 4 failed.\n")


def test_in_text_errors_go_to_standard_error_and_the_others_are_written(mujaz: Mujaz, articles: list[Path]) -> None:
    done = mujaz("brief", *articles)
    assert done.out.count("A brief of") == 2
    assert f"{articles[1]}: Files of this kind" in done.err
    assert "[pair_unsupported]" in done.err
    assert done.code == 1


def test_markdown_has_a_section_for_each_article(mujaz: Mujaz) -> None:
    line = json.dumps({"id": "n1", "title": "عنوان", "text": "خبر"}).encode()
    done = mujaz("brief", "-", "--format", "markdown", "--translation", stdin=line)
    assert done.out.startswith("## A title\n\nعنوان (n1)\n\n**REVIEW: 1 point to doubt")
    assert "\n- **!** A brief of **\\[3?\\]** characters.\n  - **!** number" in done.out
    assert "\n- Added. [from the article]\n  - rests on 0-5 (0.50): كامل.\n" in done.out
    assert "### Full translation\n\nFull.\n" in done.out
    assert "*(ar; read 4 of 5 sentences" in done.out


def test_output_gets_a_file_for_each_article_under_a_safe_name(mujaz: Mujaz, tmp_path: Path) -> None:
    ids = ["../../x", "../../x", "..", "n/o:1"]
    lines = "\n".join(json.dumps({"id": name, "text": "خبر"}) for name in ids).encode()
    done = mujaz("brief", "-", "--output", tmp_path / "out", stdin=lines)
    assert (done.code, done.out) == (0, "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "article.txt", "o_1.txt", "x-2.txt", "x.txt",
    ]  # fmt: skip


def test_translate_and_summarize_write_theirs(mujaz: Mujaz) -> None:
    text = "خبر".encode()
    assert "[fr] 3" in mujaz("translate", "-", "--target", "fr", stdin=text).out
    assert (
        "  ملخص.\n    rests on nothing that was found in the article\n  ملخص.\n"
        in mujaz("summarize", "-", "--sentences", 2, stdin=text).out
    )


def test_options_reach_the_pipeline(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, pipeline: FakeBriefs) -> None:
    from service import briefs

    seen = {}

    async def make(runtime: object, article: object, options: object, *others: object, **limits: object) -> object:
        seen.update(article=article, options=options)
        return await pipeline.make_brief(runtime, article, options, *others, **limits)

    monkeypatch.setattr(briefs, "make_brief", make)
    mujaz("brief", "-", "--source", "fa", "--target", "ar", "--route", "translate-first", "--sentences", 5, stdin=b"x")
    assert seen["article"].source == "fa"
    assert seen["options"].model_dump() == {
        "target": "ar", "route": "translate-first", "sentences": 5, "translation": False,
    }  # fmt: skip


def test_a_glossary_file_reaches_the_pipeline_before_the_settings_own(
    mujaz: Mujaz, tmp_path: Path, pipeline: FakeBriefs, fake_runtime: FakeRuntime
) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text("# names\nالقاهرة\tCairo\nالقاهرة\tQahira\n", encoding="utf-8")
    fake_runtime.config = replace(FakeRuntime.config, glossary=Glossary.parse("مصر\tMisr\n"))
    lines = b'{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n'
    assert mujaz("brief", "-", "--glossary", file, stdin=lines).code == 0
    assert mujaz("translate", "-", "--glossary", file, stdin=b"x").code == 0
    assert mujaz("translate", "-", stdin=b"x").code == 0
    first, second, third, last = pipeline.glossaries
    assert first is second is not None
    assert [[entry.target for entry in given.entries] for given in (first, third, last) if given] == [
        ["Cairo", "Qahira", "Misr"], ["Cairo", "Qahira", "Misr"], ["Misr"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no tab\n", "Line 1 of the glossary: expected a term, one tab"),
        ("القاهرة\t...\n".encode(), "Line 1 of the glossary: the translation has no word"),
        ("القاهرة\tCairo\n".encode("utf-16"), "utf-8"),
        (None, "No such file"),
    ],
)
def test_a_glossary_file_that_cannot_be_used_is_wrong_usage(
    mujaz: Mujaz, tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "terms.tsv"
    if content is not None:
        file.write_bytes(content)
    done = mujaz("brief", "-", "--glossary", file, stdin=b"x")
    assert done.code == 2
    assert told in " ".join(done.err.replace("│", " ").split())


def test_missing_weights_end_with_3_and_the_ways_out(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    from service import runtime

    missing = FakeRuntime(failure=WeightsMissing("Not here: pull, sample or folder."))
    monkeypatch.setattr(runtime, "make_runtime", lambda settings: missing)
    done = mujaz("brief", "-", stdin=b"x")
    assert (done.code, done.err) == (3, "mujaz: Not here: pull, sample or folder.\n")
    assert missing.closed


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("brief",),
        ("brief", "-", "--sentences", "6"),
        ("brief", "-", "--format", "xml"),
        ("brief", "-", "--source", "arabic"),
        ("brief", "-", "--target", "auto"),
        ("brief", "-", "--nope"),
        ("nope",),
    ],
)
def test_wrong_usage_ends_with_2(mujaz: Mujaz, arguments: tuple[str, ...]) -> None:
    assert mujaz(*arguments, stdin=b"x").code == 2


def test_a_wrong_setting_ends_with_2(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJAZ_PORTT", "1")
    done = mujaz("brief", "-", stdin=b"x")
    assert done.code == 2
    assert "MUJAZ_PORTT" in done.err


def test_version(mujaz: Mujaz) -> None:
    done = mujaz("--version")
    assert (done.code, done.out) == (0, f"mujaz {VERSION}\n")


def test_help_needs_no_model_library() -> None:
    code = (
        "import sys; sys.argv = ['mujaz', 'brief', '--help']\n"
        "from service.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.exit(','.join({'torch', 'transformers', 'fastapi', 'numpy'} & sys.modules.keys()) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_progress_bar_is_silent_where_nobody_watches_and_nothing_takes_long(mujaz: Mujaz) -> None:
    assert mujaz("brief", "-", stdin=b"x").err == ""
