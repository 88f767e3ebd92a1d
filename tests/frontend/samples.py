"""Facts and syntax trees flattened to sets that tests compare."""

import ast
import sysconfig
from collections import Counter
from pathlib import Path

from ctxlint.frontend.reader import read_module
from ctxlint.model import facts as f
from ctxlint.model.lines import LineIndex

_NAMES = (
    "ast argparse bdb calendar contextlib dataclasses difflib enum functools inspect locale optparse pdb "
    "asyncio/events asyncio/streams asyncio/tasks concurrent/futures/thread email/header http/client "
    "importlib/_bootstrap json/decoder logging/config unittest/mock xml/dom/minidom"
)
_FOLDER = Path(sysconfig.get_path("stdlib"))
STDLIB = [path for name in _NAMES.split() if (path := _FOLDER / f"{name}.py").exists()]


def body(text: str):
    """Return the statements of all units of ``text``."""
    return tuple(statement for unit in read_module(text).facts.units for statement in unit.body)


def only(text: str):
    """Return the single statement of ``text``."""
    (statement,) = body(text)
    return statement


def value(text: str):
    """Return the facts of an expression."""
    return only(f"x = {text}\n").value


def shown(text: str, fact) -> str:
    """Return the text that a fact spans."""
    span = fact if isinstance(fact, f.Span) else fact.span
    return text[span.start : span.end]


def every(fact):
    """Yield all facts within ``fact``."""
    pending = [fact]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif isinstance(item, f.Node):
            yield item
            pending.extend(getattr(item, name) for name in item.__struct_fields__)


def placed(text: str) -> Counter:
    """Return every name, attribute and call that the reader found, with its span."""
    found = Counter()
    for fact in every(body(text)):
        if isinstance(fact, f.Name):
            found["name", fact.id, fact.span.start, fact.span.end] += 1
        elif isinstance(fact, f.Attribute):
            found["attribute", fact.attr, fact.span.start, fact.span.end] += 1
        elif isinstance(fact, f.Call):
            found["call", len(fact.args), fact.span.start, fact.span.end] += 1
    return found


def expected(text: str) -> Counter:
    """Return the same by the standard library, but for patterns, type parameters and f-strings."""
    lines = LineIndex(text)
    found = Counter()
    pending: list[ast.AST] = [ast.parse(text)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.pattern | ast.JoinedStr):
            continue
        pending.extend(ast.iter_child_nodes(node))
        if not isinstance(node, ast.Name | ast.Attribute | ast.Call):
            continue
        start = _offset(lines, node.lineno, node.col_offset)
        end = _offset(lines, node.end_lineno, node.end_col_offset)
        if isinstance(node, ast.Name):
            found["name", node.id, start, end] += 1
        elif isinstance(node, ast.Attribute):
            found["attribute", node.attr, start, end] += 1
        else:
            found["call", len(node.args) + len(node.keywords), start, end] += 1
    return found


def _offset(lines: LineIndex, row: int, column: int) -> int:
    """Return the offset of a place that ``ast`` gives in UTF-8 bytes."""
    return lines.start_of(row) + len(lines.line(row).encode()[:column].decode())
