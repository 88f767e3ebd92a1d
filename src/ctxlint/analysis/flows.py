"""The worlds that leave a stretch of IR, by kind of exit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ctxlint.analysis.transfer import Notes, apply
from ctxlint.analysis.worlds import World
from ctxlint.model import ir


@dataclass(slots=True)
class Flow:
    """The worlds that leave a block, by kind of exit. Local to one step: nobody keeps one."""

    normal: list[World] = field(default_factory=list[World])
    ret: list[World] = field(default_factory=list[World])
    raises: list[World] = field(default_factory=list[World])
    brk: list[World] = field(default_factory=list[World])
    cont: list[World] = field(default_factory=list[World])

    def absorb(self, other: Flow, *, normal: bool = True) -> None:
        """Add the exits of ``other``; its normal ones only if asked."""
        if normal:
            self.normal += other.normal
        self.ret += other.ret
        self.raises += other.raises
        self.brk += other.brk
        self.cont += other.cont


def through(notes: Notes, events: Iterable[ir.Event], worlds: list[World]) -> Flow:
    """What leaves events that happen one after the other: normally, or where one of them raised."""
    flow = Flow(normal=worlds)
    for event in events:
        after: list[World] = []
        for world in flow.normal:
            going_on, raised = apply(notes, event, world)
            after.extend(going_on)
            flow.raises.extend(raised)
        flow.normal = after
    return flow
