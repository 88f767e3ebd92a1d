"""The imports of a text: every one that ``ast`` sees, however it is written."""

import ast

import pytest

from ctxlint.frontend.index import imports

TEXTS = (
    "from x \\\n import y",
    "if a: import b; from c import d\nx=1;import e",
    "import\\\n a",
    "import\\\r\n a",
    "from . \\\r\n import (a, # import z\n b)\n",
    'x = "import"\rfrom .a import b\r\nimport c as d, e.f',
    "from.import x",
    '"""\nimport q\n"""\nfrom a.b . c import *\n',
    "if x:\\\n\\\n  import y",
    "def f():\n\tfrom ..important import importlib as import_\n",
    "# import nothing\nimport importlib, important.imports as i\n",
    "x = 1\n",
)


@pytest.mark.parametrize("text", TEXTS)
def test_every_import_that_ast_sees_is_found(text):
    seen = {
        (0, alias.name) if isinstance(node, ast.Import) else (node.level, node.module or "", alias.name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    found = set()
    for ref in imports(text):
        if not ref.names and not ref.star:
            found.add((0, ref.module))
        found |= {(ref.level, ref.module, name) for name in (*ref.names, *("*" * ref.star))}

    assert seen <= found
