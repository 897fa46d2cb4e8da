"""The glossary that is in force for a request: its own entries, and after them the server's."""

from collections.abc import Mapping

from models.glossary import Entry, Glossary


def in_force(own: Mapping[str, str], server: Glossary | None) -> Glossary | None:
    """One glossary of both, or None where there is none. Raises `GlossaryInvalid` for entries of the request.

    Thousands of entries take tens of milliseconds: made once for a request, and beside the event loop.
    """
    if not own:
        return server
    return Glossary((Entry(term, translation) for term, translation in own.items()), "").over(server)
