"""What one question about a text says of another: who starts with ``agent_`` is not equal to ``team_run``."""

from __future__ import annotations

from ctxlint.model.ir import TextTest


def implied(known: TextTest, asked: TextTest, *, held: bool) -> bool | None:
    """The answer to ``asked`` where ``known``, a question about the same text, was answered with ``held``; None where
    both answers are possible.
    """
    if known.kind == "is" and held:
        return _agreed({_answer(asked, word) for word in known.words})
    if asked.kind == "is":
        possible = {_answer(known, word) for word in asked.words}
        return None if held in possible else False
    if not held or known.kind != asked.kind:
        return None
    found = {_begins(known.kind, part, start) for part in known.words for start in asked.words}
    if found == {"never"}:
        return False
    always = all(
        any(_begins(known.kind, part, start) == "always" for start in asked.words) for part in known.words
    )
    return True if always else None


def _answer(test: TextTest, word: str) -> bool:
    match test.kind:
        case "is":
            return word in test.words
        case "startswith":
            return word.startswith(test.words)
        case "endswith":
            return word.endswith(test.words)


def _agreed(answers: set[bool]) -> bool | None:
    return answers.pop() if len(answers) == 1 else None


def _begins(kind: str, part: str, other: str) -> str:
    """Does a text that begins (or ends) with ``part`` also begin with ``other``: always, never, or perhaps?"""
    if kind == "endswith":
        part, other = part[::-1], other[::-1]
    if part.startswith(other):
        return "always"
    return "perhaps" if other.startswith(part) else "never"
