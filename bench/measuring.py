"""Measures subjects in turn, many times, and prints their times beside their baselines.

Other work disturbs any machine. So a subject is only compared with a baseline of the same run, every round
takes each of them once, and the ratio is the median over rounds of the ratio within a round.

Importing this lets a script that is started by its path import the product, `local` and `tests.support`.
"""

import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path[1:1] = [str(ROOT), str(ROOT / "layers" / "banxway")]

T = TypeVar("T")
Figures = dict[str, list[float]]


def turns(subjects: Sequence[T], *, rounds: int) -> Iterator[T]:
    """Yield every subject once a round; another one begins each round."""
    for number in range(rounds):
        first = number % len(subjects)
        yield from (*subjects[first:], *subjects[:first])


def time_in_turn(subjects: Mapping[str, Callable[[], object]], *, rounds: int) -> Figures:
    """Call every subject once a round and return their seconds, after one round that does not count."""
    for subject in subjects.values():
        subject()
    found: Figures = {name: [] for name in subjects}
    for name in turns(list(subjects), rounds=rounds):
        began = time.perf_counter()
        subjects[name]()
        found[name].append(time.perf_counter() - began)
    return found


def seconds(figure: float) -> str:
    """Show a duration."""
    if figure >= 1:
        return f"{figure:.2f} s"
    return f"{figure * 1e3:.3g} ms" if figure >= 1e-3 else f"{figure * 1e6:.3g} µs"


def per_second(figure: float) -> str:
    """Show a rate."""
    return f"{figure:,.0f}/s"


def report(
    title: str,
    figures: Mapping[str, Sequence[float]],
    *,
    baselines: Mapping[str, Sequence[str]],
    shown: Callable[[float], str] = seconds,
) -> None:
    """Print the median of every subject, and its ratio to each baseline that `baselines` names for it.

    The ranges are the middle half of the rounds.
    """
    rounds = len(next(iter(figures.values())))
    print(f"\n{title}: {rounds} rounds, in turn, Python {platform.python_version()}\n")
    print(f"  {'':<40} {'median':>9} {'middle half':>21}   ratio")
    for name, values in figures.items():
        low, _, high = quantiles(values, n=4)
        ratios = [_ratio(values, figures[baseline], baseline) for baseline in baselines.get(name, ())]
        row = f"  {name:<40} {shown(median(values)):>9} {shown(low) + ' - ' + shown(high):>21}   "
        print(row + ", ".join(ratios), flush=True)


def _ratio(values: Sequence[float], baseline_values: Sequence[float], baseline: str) -> str:
    found = [ours / theirs for ours, theirs in zip(values, baseline_values, strict=True)]
    low, _, high = quantiles(found, n=4)
    return f"{median(found):.2f} x {baseline} [{low:.2f} - {high:.2f}]"
