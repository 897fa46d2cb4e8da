"""Word and PDF files, written by hand: small, exact, and as hostile as a test wants."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def docx(body: str, prolog: str = "", **parts: str | bytes) -> bytes:
    """A Word document with `body` inside its w:body; `prolog` stands before the root element."""
    document = f'{prolog}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return archive({"_rels/.rels": _RELATIONS, "word/document.xml": document, **parts})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def zeros_in_docx(part: str, size: int) -> bytes:
    """A Word document whose `part` unpacks to `size` zero bytes: a deflated megabyte of them, again and again."""
    deflate = zlib.compressobj(9, wbits=-15)
    megabyte = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        if part != "_rels/.rels":
            file.writestr("_rels/.rels", _RELATIONS)
        file.writestr(part, megabyte * (size >> 20) + deflate.flush(), zipfile.ZIP_STORED)
        info = file.getinfo(part)
        info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, size  # as the directory at the end will say
    return out.getvalue()


Drawn = Sequence[str]
"""A line as a PDF holds it: the letters of each glyph, in the order in which the glyphs are drawn from the left."""


def drawn(line: str) -> list[str]:
    """A right-to-left line as it is seen from the left: turned round but for numbers and Latin words; lam-alef is a glyph."""
    runs: list[str] = re.findall(r"[0-9A-Za-z\u0660-\u0669.,:]*[0-9A-Za-z\u0660-\u0669]|ل[اأإآ]|.", line)
    glyphs: list[str] = []
    for run in reversed(runs):
        glyphs += [run] if run[0] == "ل" else list(run)
    return glyphs


def pdf(pages: Sequence[Sequence[Drawn]], leading: int = 20, extra: str = "", trailer: str = "") -> bytes:
    """A PDF of `pages`, its lines set against the right margin in one font that is named but not embedded."""
    glyphs = sorted({glyph for page in pages for line in page for glyph in line})
    codes = {glyph: index + 1 for index, glyph in enumerate(glyphs)}
    objects = _font(codes)
    kids = []
    for page in pages:
        content = "\n".join(_line(line, codes, 750 - leading * number) for number, line in enumerate(page))
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            f"/Resources << /Font << /F 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    return assembled([*objects, *([extra] if extra else [])], trailer)


def assembled(objects: Sequence[str], trailer: str = "") -> bytes:
    """A file of these objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, text in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _font(codes: Mapping[str, int]) -> list[str]:
    """The catalogue, a place for the pages, and a composite font that says what its glyphs mean."""
    rows = "\n".join(f"<{code:04x}> <{glyph.encode('utf-16-be').hex()}>" for glyph, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(codes)} beginbfchar\n{rows}\nendbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    return [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type0 /BaseFont /Test /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Test /DW 500 /FontDescriptor 5 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        "<< /Type /FontDescriptor /FontName /Test /Flags 4 /FontBBox [0 0 500 700] /ItalicAngle 0 /Ascent 700 "
        "/Descent 0 /CapHeight 700 /StemV 80 >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]


def _line(line: Drawn, codes: Mapping[str, int], y: int) -> str:
    x = 550 - 6 * len(line)
    return f"BT /F 12 Tf {x} {y} Td <{''.join(f'{codes[glyph]:04x}' for glyph in line)}> Tj ET"
