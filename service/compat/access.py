"""Who asks, and what that caller may still have translated: the one place where peers' keys meet Mujaz's."""

from fastapi import Request

from service.callers import CALLER, Caller
from service.deps import Context
from service.keys.gate import identify, key_in

UNLIMITED = 10**12
"""What DeepL gives as the limit of accounts without one."""


async def caller(request: Request, given_key: str | None) -> Caller:
    """Who asks. `given_key` is the key as the peer's clients send it, in the body or in the query; otherwise a header has it.

    Raises what `service.keys.gate.identify` raises. While no keys are asked for, any key is as good as none.
    """
    found = await identify(request.app.state.context, given_key or key_in(request.headers))
    request.scope[CALLER] = found
    return found


def usage(request: Request, caller: Caller) -> tuple[int, int]:
    """The characters that the caller has had translated today, and the most it may have translated."""
    context: Context = request.app.state.context
    return context.access.quotas.used(caller.id).characters, UNLIMITED if caller.quota is None else caller.quota
