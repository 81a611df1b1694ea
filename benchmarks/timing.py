"""Timing for benchmark programs: the best of several runs, after one that compiles."""

import time
from collections.abc import Callable


def best_ms(work: Callable[[], object], runs: int = 5) -> float:
    """Milliseconds of the fastest of several runs."""
    work()
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def print_ratio(what: str, ours_ms: float, others: dict[str, float]) -> None:
    """One line: our time, and how many times longer each other one takes."""
    text = ", ".join(f"{name} {ms:.3g} ms ({ms / ours_ms:.1f}x)" for name, ms in others.items())
    print(f"{what}: worldline {ours_ms:.3g} ms; {text}")
