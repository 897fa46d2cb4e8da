"""Small versions of `crash` and `two_servers`: real servers with the sample models, killed a few times."""

import pytest

from tests.load.crash import crash
from tests.load.two_servers import rounds

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_acknowledged_is_lost_when_a_server_is_killed(database: str, request: pytest.FixtureRequest) -> None:
    if database == "postgresql":
        request.getfixturevalue("postgres")  # or skip
    report = crash(database, kills=2, size=8, seed=1, longest=2.0, threads=1)
    assert report.violations == []
    assert report.articles >= 8


@pytest.mark.postgres
@pytest.mark.usefixtures("postgres")
def test_two_servers_share_a_job_and_either_can_die() -> None:
    made = rounds(2, 6, 1, threads=1)
    assert [found.killed for found in made] == ["A", "B"]
    assert [found.violations for found in made] == [[], []]
