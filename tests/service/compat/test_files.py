"""Translated files wait for their download: bounded, for a time, under names that cannot be guessed or misused."""

import pytest

from models.errors import Overloaded
from service.compat.elements import HTML
from service.compat.files import Files, dialect_of, named
from service.errors import UnknownResource


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_file_can_be_fetched_until_its_time_is_over() -> None:
    clock = Clock()
    files = Files(100, 10.0, clock)
    key = files.put("a_en.txt", "نص")
    clock.now = 9.9
    assert files.get(key).data == "نص".encode()
    clock.now = 10.0
    with pytest.raises(UnknownResource):
        files.get(key)


def test_more_than_there_is_room_for_is_refused_until_files_expire() -> None:
    clock = Clock()
    files = Files(10, 10.0, clock)
    files.put("a.txt", "12345678")
    with pytest.raises(Overloaded):
        files.put("b.txt", "123")
    with pytest.raises(Overloaded):
        files.check_room(3)
    clock.now = 11.0
    files.put("b.txt", "123")


def test_equal_names_do_not_meet_and_keys_are_long() -> None:
    files = Files(100, 10.0)
    keys = {files.put("a.txt", text) for text in "xyz"}
    assert len(keys) == 3
    assert all(len(key) >= 24 + len(".a.txt") for key in keys)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.txt", "report_en.txt"),
        ("../../etc/passwd.txt", "passwd_en.txt"),
        ("..\\..\\boot.TXT", "boot_en.txt"),
        ("تقرير.html", "file_en.html"),
        ('a"\r\nX: y.txt', "a_X_y_en.txt"),
        ("x" * 300 + ".txt", "x" * 80 + "_en.txt"),
    ],
)
def test_names_lose_what_could_be_misused(name: str, expected: str) -> None:
    assert named(name, "en") == expected


def test_html_is_translated_as_markup() -> None:
    assert dialect_of("a.HTM") is HTML
    assert dialect_of("a.txt") is None
