"""Word documents: what is read of them, and what a hostile one comes to."""

import socket

import pytest

from models.errors import EmptyText, InputTooLong, MujazError
from service.uploads.docx import MOST_XML, parse
from service.uploads.errors import FileKindRefused, FileUnreadable
from tests.support.documents import archive, docx, paragraph, zeros_in_docx

LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


def test_paragraphs_are_lines() -> None:
    assert parse(docx(paragraph("قال الوزير.") + paragraph(" ") + paragraph("وأضاف.")), 100) == "قال الوزير.\nوأضاف."


def test_runs_breaks_tables_and_links_are_read() -> None:
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/>'
        "<w:t>c</w:t><w:noBreakHyphen/></w:r><w:hyperlink><w:r><w:t>d</w:t></w:r></w:hyperlink></w:p>"
        f"<w:tbl><w:tr><w:tc>{paragraph('e')}</w:tc><w:tc>{paragraph('f')}</w:tc></w:tr></w:tbl>"
    )
    assert parse(docx(body), 100) == "a b\nc-d\ne\nf"


def test_what_is_deleted_moved_or_told_twice_is_left_out() -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>away</w:t></w:r></w:moveFrom><w:r><w:instrText>PAGE</w:instrText></w:r>"
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice><w:txbxContent>{paragraph('box')}</w:txbxContent></mc:Choice>"
        f"<mc:Fallback><w:txbxContent>{paragraph('box')}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:p>"
    )
    assert parse(docx(body), 100) == "box\nnew"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (docx(""), EmptyText),
        (docx(paragraph("x" * 101)), InputTooLong),
        (docx(paragraph("x" * 99) * 2), InputTooLong),
        (archive({"a.txt": "x"}), FileKindRefused),
        (archive({"inner.docx": docx(paragraph("x"))}), FileKindRefused),
        (docx(paragraph("x"))[:-30], FileUnreadable),
        (docx("<w:p>"), FileUnreadable),
        (b"PK\x03\x04" + bytes(100), FileUnreadable),
        (docx("", prolog='<?xml version="1.0" encoding="nonsense"?>'), FileUnreadable),
    ],
    ids=["empty", "long", "long in all", "zip", "nested zip", "cut", "broken xml", "no zip", "unknown encoding"],
)
def test_what_cannot_be_read_is_refused(content: bytes, error: type[MujazError]) -> None:
    with pytest.raises(error):
        parse(content, 100)


def test_a_part_that_is_not_there_is_no_way_out() -> None:
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    for target in ("word/absent.xml", "/etc/passwd", "../../etc/passwd", "http://127.0.0.1/x"):
        line = f'<Relationship Id="r" Type="http://x/officeDocument" Target="{target}"/></Relationships>'
        with pytest.raises((FileUnreadable, FileKindRefused)):
            parse(archive({"_rels/.rels": relations + line}), 100)


@pytest.mark.parametrize("part", ["word/document.xml", "_rels/.rels"])
def test_a_gigabyte_of_zeros_ends_at_the_first_of_them(part: str) -> None:
    with pytest.raises(FileUnreadable):
        parse(zeros_in_docx(part, 2**30), 100)


def test_a_bomb_of_sound_xml_ends_at_the_limit() -> None:
    with pytest.raises(InputTooLong):
        parse(docx(f"<!--{'-x' * 5000}-->" * (MOST_XML // 10_000) + paragraph("x")), 100)


@pytest.mark.parametrize("prolog", [f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>', "<!DOCTYPE x>"])
def test_a_document_type_is_refused_before_anything_is_expanded(prolog: str) -> None:
    with pytest.raises(FileUnreadable):
        parse(docx(paragraph("&l9;" if "ENTITY" in prolog else "x"), prolog), 10**9)


def test_external_entities_reach_neither_the_network_nor_a_file() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for place in (address, "file:///etc/hostname"):
            for prolog in (
                f'<!DOCTYPE x SYSTEM "{place}">',
                f'<!DOCTYPE x [<!ENTITY e SYSTEM "{place}">]>',
                f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{place}"> %e;]>',
            ):
                with pytest.raises(FileUnreadable):
                    parse(docx(paragraph("&e;" if "<!ENTITY e" in prolog else "x"), prolog), 10**6)
        with pytest.raises(TimeoutError):
            server.accept()
