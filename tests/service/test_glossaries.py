"""The glossary in force: the request's entries before the server's, none where there is none."""

from models.glossary import Entry, Glossary
from service.glossaries import in_force

SERVER = Glossary([Entry("القاهرة", "Qahira"), Entry("مصر", "Misr")], "ar")


def test_without_entries_of_its_own_a_request_has_the_servers() -> None:
    assert in_force({}, SERVER) is SERVER
    assert in_force({}, None) is None


def test_the_requests_entry_counts_where_both_have_the_term() -> None:
    both = in_force({"القاهرة": "Cairo"}, SERVER)
    assert both is not None
    found = both.spoken("ar").find("زار القاهرة ومصر")
    assert [match.entry.target for match in found] == ["Cairo", "Misr"]
