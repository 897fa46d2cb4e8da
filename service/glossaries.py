"""The glossary that is in force for a request: its own entries, after them its API key's, after them the server's."""

from collections.abc import Mapping

from models.glossary import Entry, Glossary


def in_force(own: Mapping[str, str], key: Glossary | None, server: Glossary | None) -> Glossary | None:
    """One glossary of all, or None where there is none. Raises `GlossaryInvalid` for entries of the request.

    Thousands of entries take tens of milliseconds: made once for a request, and beside the event loop.
    """
    behind = key.over(server) if key else server
    if not own:
        return behind
    return Glossary((Entry(term, translation) for term, translation in own.items()), "").over(behind)
