"""Memory goes back to the system after a crowd, once, and not while there is work."""

import asyncio
import subprocess
import sys

import pytest

from biogloss.apps.rest import memory

HOLES = """
import psutil
from biogloss.apps.rest.memory import give_back
mine = psutil.Process()
crowd = [bytes(4_000) for _ in range(50_000)]
kept = crowd[::100]
full = mine.memory_info().rss
del crowd
freed = mine.memory_info().rss
print(give_back(), full - freed, freed - mine.memory_info().rss)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_what_is_free_between_what_is_kept_goes_back():
    said = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == "True"
    assert int(said[1]) < 50_000_000, "the C library gives it back by itself, and the module is not needed"
    assert int(said[2]) > 100_000_000


class Ended(Exception):  # noqa: N818 - says what is so
    """The looks are over."""


@pytest.mark.parametrize(
    ("looks", "given"), [([0, 0, 0], []), ([0, 3, 3, 3], [3]), ([0, 1, 2, 3], []), ([0, 3, 3, 5, 5, 5], [3, 5])]
)
def test_it_is_given_back_once_after_each_time_of_work(looks, given, monkeypatch):
    seen, left = [], iter(looks)

    def done():
        try:
            seen.append(next(left))
        except StopIteration:
            raise Ended from None
        return seen[-1]

    found = []
    monkeypatch.setattr(memory, "give_back", lambda: found.append(seen[-1]))
    with pytest.raises(Ended):
        asyncio.run(memory.give_back_when_idle(done, seconds=0))
    assert found == given
