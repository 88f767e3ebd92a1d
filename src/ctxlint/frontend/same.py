"""Whether two texts are the same program: what guards an edit that only adds comments."""

from __future__ import annotations

import ast


def is_same_program(before: str, after: str) -> bool:
    """Have both the same syntax tree? Where ``ast`` is too old for the syntax libcst's trees count, without trivia."""
    try:
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except RecursionError:
        return False
    except (SyntaxError, ValueError):
        return _is_same_by_libcst(before, after)


def _is_same_by_libcst(before: str, after: str) -> bool:
    import libcst  # noqa: PLC0415 - hardly ever needed

    try:
        trees = [libcst.parse_module(text) for text in (before, after)]
    except (libcst.ParserSyntaxError, RecursionError):
        return False
    return _tokens(trees[0].code) == _tokens(trees[1].code)


def _tokens(code: str) -> list[str]:
    """The words of a text that is known to parse, without comments and layout."""
    import io  # noqa: PLC0415 - hardly ever needed
    import tokenize  # noqa: PLC0415 - likewise

    trivia = {tokenize.COMMENT, tokenize.NL}
    plain = code.replace("\r\n", "\n").replace("\r", "\n")
    try:
        found = list(tokenize.generate_tokens(io.StringIO(plain).readline))
    except (tokenize.TokenError, SyntaxError):
        return [code]
    return [token.string for token in found if token.type not in trivia]
