"""Uploads as articles: every kind comes out as what POST /v1/brief takes, and names stay out of harm's way."""

import asyncio
import json
import logging
from dataclasses import replace

import pytest

from models.errors import InputTooLong, MujazError
from service.schemas.briefs import Article
from service.uploads.errors import FileKindRefused
from service.uploads.limits import UploadLimits
from service.uploads.read import AT_A_TIME, read_upload
from tests.support.documents import docx, drawn, paragraph, pdf

TEXT = "قال الوزير."
FILES = {
    "a.txt": TEXT.encode(),
    "b.docx": docx(paragraph(TEXT)),
    "c.pdf": pdf([[drawn(TEXT)]]),
    "d.jsonl": json.dumps({"text": TEXT, "id": "d.jsonl"}).encode(),
    "e.json": json.dumps([{"text": TEXT, "id": "e.json"}]).encode(),
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", FILES)
async def test_every_kind_gives_its_article(name: str, limits: UploadLimits) -> None:
    assert await read_upload(name, FILES[name], limits, "ar") == [Article(id=name, text=TEXT, source="ar")]


@pytest.mark.anyio
async def test_a_page_stays_as_it_is_for_cleaning_later(limits: UploadLimits) -> None:
    page = f"<p onclick='x'>{TEXT}</p>"
    assert await read_upload("a.html", page.encode(), limits) == [Article(id="a.html", html=page)]


@pytest.mark.anyio
async def test_more_files_than_are_read_at_a_time_are_all_read(limits: UploadLimits) -> None:
    reads = [read_upload(f"{n}.docx", FILES["b.docx"], limits) for n in range(3 * AT_A_TIME)]
    assert [article.id for (article,) in await asyncio.gather(*reads)] == [f"{n}.docx" for n in range(3 * AT_A_TIME)]


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["../../etc/x.txt", "C:\\x.txt", "x\0.txt", "\u202ex.txt", "x\r\nSet-Cookie: a.txt"])
async def test_names_reach_neither_a_path_nor_a_log(
    name: str, limits: UploadLimits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", opened)
    monkeypatch.setattr("io.open", opened)
    (article,) = await read_upload(name, TEXT.encode(), limits)
    with pytest.raises(FileKindRefused) as error:
        await read_upload(f"{name}.exe", b"MZ", limits)
    monkeypatch.undo()
    assert article.id is not None
    assert not set(article.id) & set("/\\\0\r\n\u202e")
    assert "x" not in str(error.value).replace(".docx", "").replace(".txt", "").replace(".text", "").replace(
        ".xhtml", ""
    )
    assert not [record for record in caplog.records if record.name != "asyncio"]


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.pdf", "a.docx", "a.json"])
async def test_a_file_beyond_the_limit_is_refused_whatever_it_is(name: str, limits: UploadLimits) -> None:
    with pytest.raises(InputTooLong):
        await read_upload(name, b"x" * 101, replace(limits, file_bytes=100))


@pytest.mark.anyio
@pytest.mark.parametrize("content", [b"", bytes(100), "été à Orléans".encode("latin-1"), b"PK\x03\x04", b"%PDF-"])
@pytest.mark.parametrize("name", ["a", "a.txt", "a.html", "a.pdf", "a.docx", "a.json"])
async def test_rubbish_is_always_an_error_of_ours(name: str, content: bytes, limits: UploadLimits) -> None:
    with pytest.raises(MujazError) as error:
        await read_upload(name, content, limits)
    assert str(error.value)
