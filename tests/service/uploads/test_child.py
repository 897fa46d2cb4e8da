"""The child: hostile files cost their own child and nothing else; it has no environment, no time and no memory to spare."""

import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.errors import EmptyText, InputTooLong, MujazError
from service.uploads import child
from service.uploads.child import parse
from service.uploads.errors import FileKindRefused, FileUnreadable
from service.uploads.kinds import Kind
from service.uploads.limits import UploadLimits
from tests.support.documents import archive, assembled, docx, drawn, paragraph, pdf, zeros_in_docx

GOOD = pdf([[drawn("قال الوزير.")]])

CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] {} >>"
PAGES = "<< /Type /Pages /Count 1 /Kids [3 0 R] >>"


def stream(content: bytes, head: str = "") -> str:
    return f"<< /Length {len(content)} {head} >>\nstream\n{content.decode('latin-1')}\nendstream"


FORM = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >>"
HOSTILE = {
    "no pages": [CATALOGUE, "<< /Type /Pages /Count 0 /Kids [] >>"],
    "pages in pages": [CATALOGUE, "<< /Type /Pages /Count 1 /Kids [2 0 R] >>"],
    "a billion pages": [CATALOGUE, "<< /Type /Pages /Count 1000000000 /Kids [3 0 R] >>", PAGE.format("")],
    "a form in itself": [
        CATALOGUE,
        PAGES,
        PAGE.format("/Contents 5 0 R /Resources << /XObject << /X 4 0 R >> >>"),
        stream(b"/X Do /X Do", FORM),
        stream(b"/X Do"),
    ],
    "deep brackets": [CATALOGUE, PAGES, PAGE.format("/Contents 4 0 R"), stream(b"[" * 100_000)],
    "deep objects": [CATALOGUE, PAGES, PAGE.format("/X " + "<</X " * 50_000)],
    "a bomb": [
        CATALOGUE,
        PAGES,
        PAGE.format("/Contents 4 0 R"),
        stream(zlib.compress(zlib.compress(bytes(2**26))), "/Filter [/FlateDecode /FlateDecode]"),
    ],
    "a length that is itself": [
        CATALOGUE,
        PAGES,
        PAGE.format("/Contents 4 0 R"),
        "<< /Length 4 0 R >> stream\nendstream",
    ],
}


@pytest.mark.parametrize("objects", HOSTILE.values(), ids=HOSTILE)
def test_loops_and_bombs_in_pdf_are_refused_and_the_next_file_is_read(objects: list[str], limits: UploadLimits) -> None:
    with pytest.raises(MujazError):
        parse(Kind.PDF, assembled(objects), limits)
    assert parse(Kind.PDF, GOOD, limits) == "قال الوزير."


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (docx(paragraph("&l9;"), f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'), FileUnreadable),
        (docx('<w:p w:a="&l9;"/>', f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'), FileUnreadable),
        (zeros_in_docx("word/document.xml", 2**30), FileUnreadable),
        (docx("<w:p>" * 100_000), FileUnreadable),
        (docx(paragraph("x" * 3000)), InputTooLong),
        (archive({"inner.zip": archive({"a": "x"})}), FileKindRefused),
        (docx(""), EmptyText),
    ],
    ids=["a billion laughs", "laughs in an attribute", "a gigabyte", "deep", "long", "nested zip", "empty"],
)
def test_the_child_says_what_is_wrong_with_a_word_document(
    content: bytes, error: type[MujazError], limits: UploadLimits
) -> None:
    with pytest.raises(error):
        parse(Kind.DOCX, content, limits)


def test_time_and_memory_end(limits: UploadLimits) -> None:
    with pytest.raises(FileUnreadable, match="seconds"):
        parse(Kind.PDF, GOOD, replace(limits, seconds=0.01))
    with pytest.raises(FileUnreadable, match="memory"):
        parse(Kind.PDF, GOOD, replace(limits, memory=2**20))


def test_a_child_that_says_too_much_or_nonsense_is_not_believed(
    limits: UploadLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    popen = subprocess.Popen
    for program in ("while True: print('x' * 10**6)", "print('no JSON')", "raise SystemExit(1)", "print('[]')"):
        command = [sys.executable, "-c", program]
        monkeypatch.setattr(child.subprocess, "Popen", lambda _, command=command, **options: popen(command, **options))
        with pytest.raises(FileUnreadable):
            parse(Kind.PDF, GOOD, limits)


def test_the_child_is_given_nothing_of_the_environment(limits: UploadLimits, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, str]] = []
    popen = subprocess.Popen

    def noted(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        given.append(options["env"])
        return popen(command, **options)

    monkeypatch.setattr(child.subprocess, "Popen", noted)
    assert parse(Kind.PDF, GOOD, limits)
    assert [set(env) for env in given] == [{"PYTHONPATH", "PYTHONSAFEPATH"}]


def test_a_confined_process_writes_no_file_and_takes_no_memory(tmp_path: Path) -> None:
    confined = "from service.uploads.worker import _confine; _confine(2**29, 5); "
    write = f"import pathlib; pathlib.Path({str(tmp_path / 'x')!r}).write_text('x')"
    for program, said in ((write, "File too large"), ("bytearray(2**30)", "MemoryError")):
        run = subprocess.run([sys.executable, "-c", confined + program], capture_output=True, text=True, check=False)
        assert run.returncode != 0
        assert said in run.stderr or run.returncode < 0


def test_the_child_loads_neither_models_nor_schemas() -> None:
    program = (
        "import sys; from service.uploads import worker, docx, pdf; "
        "print([name for name in ('torch', 'pydantic', 'fastapi', 'numpy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
