"""One file becomes articles. What is wrong with the file is raised; what is wrong with one article in it is its own error."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from models.errors import InputTooLong
from service.schemas.briefs import Article, FailedItem
from service.uploads import child
from service.uploads.encoding import decode
from service.uploads.kinds import Kind, kind_of
from service.uploads.limits import UploadLimits
from service.uploads.names import shown
from service.uploads.records import longest_file, read_array, read_lines

AT_A_TIME = 2
"""Files that are read at one time: each may cost a process, and what waits here costs only its bytes."""

_threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="uploads")


async def read_upload(
    name: str, content: bytes, limits: UploadLimits, source: str = "auto"
) -> list[Article | FailedItem]:
    """The articles of the file that a client calls `name`; its id is `name` without folders, invisible characters and excess.

    `source` is the language of articles that do not say theirs. Cancelling leaves the thread to its limits. Raises what
    `read_file` does.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, read_file, name, shown(name), content, limits, source)


def read_file(
    name: str, item_id: str, content: bytes, limits: UploadLimits, source: str = "auto"
) -> list[Article | FailedItem]:
    """The articles of a file. `name` helps to tell its kind, `item_id` is what its articles are called.

    Raises `FileKindRefused`, `FileUnreadable`, `EmptyText`, `NotText`, `InputTooLong` and `InputRefused`.
    """
    if len(content) > limits.file_bytes:
        raise InputTooLong(f"The file is larger than {limits.file_bytes} bytes.")
    kind = kind_of(name, content)
    if kind is Kind.LINES:
        return list(read_lines(BytesIO(content), item_id, source, limits.text))
    if kind is Kind.JSON:
        return list(read_array(content, item_id, source))
    if kind in (Kind.DOCX, Kind.PDF):
        return [Article(id=item_id, text=child.parse(kind, content, limits), source=source)]
    longest = longest_file(limits.text)
    if len(content) > longest:
        raise InputTooLong(f"The file is larger than {longest} bytes.")
    if kind is Kind.HTML:
        return [Article(id=item_id, html=decode(content, html=True), source=source)]
    return [Article(id=item_id, text=decode(content), source=source)]
