"""Who asks, and what that caller may still have translated: the one place where peers' keys meet Mujaz's."""

from typing import cast

from fastapi import Request

from models.glossary import Glossary
from service.callers import ANYBODY, Caller

UNLIMITED = 10**12
"""What DeepL gives as the limit of accounts without one."""


async def caller(request: Request, given_key: str | None) -> Caller:
    """Who asks. `given_key` is the key as the peer's clients send it: in the body, in the query or as DeepL-Auth-Key.

    While no keys are asked for, any key is as good as none.
    """
    return cast(Caller, request.scope.get("mujaz.caller", ANYBODY))


def glossary(caller: Caller, server: Glossary | None) -> Glossary | None:
    """The glossary in force: the caller's own entries, and after them the server's."""
    return caller.glossary.over(server) if caller.glossary else server


async def usage(caller: Caller) -> tuple[int, int]:
    """The characters that the caller has had translated in this period, and the most it may have translated."""
    return 0, UNLIMITED
