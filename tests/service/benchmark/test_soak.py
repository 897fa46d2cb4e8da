"""The soak: every request gets its right answer, and what a server holds is read from the process itself."""

import json

import pytest

from service.benchmark.soak import Soak, Usage, as_json, as_table, request, soak

MACHINE = {"cpu": "A CPU", "threads": 2, "load_average": 0.5}


@pytest.mark.slow
def test_a_small_soak_answers_rightly_and_gives_some_up() -> None:
    told: list[str] = []
    result = soak(50, 1, told.append, clients=2)
    assert result.wrong == 0
    assert result.given_up == 2  # numbers 19 and 39
    assert sum(result.answers.values()) == 48
    assert set(result.answers) == {200, 404, 413, 422}
    assert [usage.requests for usage in result.usage] == list(range(0, 51, 5))
    assert all(0 < usage.pss <= usage.rss and usage.files and usage.threads > 1 for usage in result.usage)
    assert len(told) == 10


def test_no_two_requests_that_succeed_are_alike() -> None:
    made = [json.dumps(request(number).body) for number in range(500) if request(number).status == 200]
    assert len(set(made)) == len(made)


def course(*pss: int) -> Soak:
    usage = [Usage(100 * number, size, 2 * size, 10, 20 + number) for number, size in enumerate(pss)]
    return Soak(1000, 4, 50, {422: 150, 200: 800}, 3, usage)


def test_growth_counts_from_when_the_server_has_settled() -> None:
    result = course(100, 400, 500, 520, 505)
    assert result.growth() == {"pss": 5, "rss": 10, "files": 0, "threads": 2}


def test_table_and_json_have_the_course_and_the_growth() -> None:
    result = course(*(size * 10**6 for size in (100, 400, 500, 520, 505)))
    title, heading, *rows, growth, machine = as_table(result, MACHINE).splitlines()
    assert title == "1,000 requests from 4 clients: 800 × 200, 150 × 422, 50 given up, 3 answered wrongly"
    assert heading.split() == ["requests", "PSS", "MB", "RSS", "MB", "files", "threads"]
    assert rows[-1].split() == ["400", "505.0", "1,010.0", "10", "24"]
    assert growth.split() == ["since", "200", "+5.0", "+10.0", "+0", "+2"]
    assert machine.startswith("A CPU, 2 threads")
    document = json.loads(as_json(result, MACHINE, {"mujaz": "1"}))
    assert document["growth"]["pss"] == 5 * 10**6
    assert document["usage"][0] == {"requests": 0, "pss": 10**8, "rss": 2 * 10**8, "files": 10, "threads": 20}
