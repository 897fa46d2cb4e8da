"""The glossary in force: the request's entries before its key's before the server's, none where there is none."""

from models.glossary import Entry, Glossary
from service.glossaries import in_force

SERVER = Glossary([Entry("القاهرة", "Qahira"), Entry("مصر", "Misr")], "ar")


def test_without_entries_of_its_own_a_request_has_the_servers() -> None:
    assert in_force({}, None, SERVER) is SERVER
    assert in_force({}, None, None) is None


def test_the_requests_entry_counts_where_both_have_the_term() -> None:
    both = in_force({"القاهرة": "Cairo"}, None, SERVER)
    assert both is not None
    found = both.spoken("ar").find("زار القاهرة ومصر")
    assert [match.entry.target for match in found] == ["Cairo", "Misr"]


def test_the_keys_entry_counts_before_the_servers_and_after_the_requests() -> None:
    key = Glossary([Entry("القاهرة", "El Qahira"), Entry("مصر", "Egypt")], "ar")
    alone = in_force({}, key, SERVER)
    all_three = in_force({"القاهرة": "Cairo"}, key, SERVER)
    assert alone is not None
    assert all_three is not None
    assert [match.entry.target for match in alone.find("زار القاهرة ومصر")] == ["El Qahira", "Egypt"]
    assert [match.entry.target for match in all_three.spoken("ar").find("زار القاهرة ومصر")] == ["Cairo", "Egypt"]
