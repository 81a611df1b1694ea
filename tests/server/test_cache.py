"""A cache gives what would be made, and never keeps more than it may."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldline.server.cache import Cache


@given(most=st.integers(0, 40), keys=st.lists(st.integers(0, 12), max_size=60))
def test_it_gives_what_is_made_and_stays_within_its_bytes(most: int, keys: list[int]) -> None:
    cache = Cache[str](most, len)
    for key in keys:
        assert cache.find(key, lambda key=key: "x" * key) == "x" * key
        assert cache.size_bytes <= most


def test_what_was_not_used_for_longest_gives_way() -> None:
    cache = Cache[str](2, len)
    made: list[str] = []

    def find(key: str) -> None:
        def make() -> str:
            made.append(key)
            return key

        cache.find(key, make)

    for key in "abacab":  # c puts b out, b then puts c out
        find(key)
    assert made == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_a_value_larger_than_the_cache_puts_nothing_out() -> None:
    cache = Cache[str](3, len)
    cache.find("small", lambda: "xy")
    assert cache.find("large", lambda: "x" * 100) == "x" * 100
    assert cache.find("small", lambda: "other") == "xy"


def test_an_error_is_raised_and_not_kept() -> None:
    cache = Cache[str](10, len)

    def fail() -> str:
        raise KeyError("gone")

    with pytest.raises(KeyError):
        cache.find(1, fail)
    assert cache.find(1, lambda: "there") == "there"


def test_threads_that_miss_at_once_get_one_and_the_same_value() -> None:
    cache, meet = Cache[list[int]](10, len), threading.Barrier(4)

    def make() -> list[int]:
        meet.wait(10)
        return [1]

    with ThreadPoolExecutor(4) as pool:
        found = [each.result(20) for each in [pool.submit(cache.find, "k", make) for _ in range(4)]]
    assert all(each is found[0] for each in found)
    assert cache.size_bytes == 1
