"""What functions reach, against a walk from each of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from ctxlint.analysis.reach import Bits, Reach


@dataclass(frozen=True)
class Graph:
    """Numbers in place of functions."""

    calls: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def callees(self, scope: int) -> tuple[int, ...]:
        return self.calls[scope]


def walked(graph: Graph, scope: int) -> set[int]:
    found = {scope}
    pending = [scope]
    while pending:
        for callee in graph.calls[pending.pop()]:
            if callee not in found:
                found.add(callee)
                pending.append(callee)
    return found


@pytest.mark.parametrize("seed", range(200))
def test_reach_is_what_a_walk_finds(seed: int) -> None:
    """Random graphs with circles, asked in random order."""
    choose = random.Random(seed)  # noqa: S311 - a seeded choice, no secret
    size = choose.randint(1, 14)
    graph = Graph({n: tuple(choose.choices(range(size), k=choose.randint(0, 3))) for n in range(size)})
    reach = Reach(graph, lambda scope: 1 << scope)
    for scope in choose.sample(range(size), size):
        found = reach.of(scope)
        assert set(reach.bits.things(found.scopes)) == walked(graph, scope)
        assert found.marks == sum(1 << each for each in walked(graph, scope))


def test_bits_give_back_what_was_put_in() -> None:
    """Sets meet where their numbers do."""
    bits: Bits[str] = Bits()
    first, second = bits.of(["a", "b"]), bits.of(["b", "c"])
    assert list(bits.things(first | second)) == ["a", "b", "c"]
    assert list(bits.things(first & second)) == ["b"]
