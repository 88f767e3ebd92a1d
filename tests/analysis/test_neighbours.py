"""Which files imports join, and that a hop is looked at in those."""

import pytest

from ctxlint import engine
from ctxlint.analysis.modules import module_table
from ctxlint.analysis.neighbours import Neighbours
from ctxlint.frontend.index import imports
from ctxlint.model.sources import SourceFile

VARIABLE = "from contextvars import ContextVar\nuser = ContextVar('user', default='')\n"
WORKER = "def work():\n    return user.get()\n"
HOP = "import threading\ndef go():\n    threading.Thread(target=work).start()\n"


def _files(sources):
    return [SourceFile(f"/p/{path}", path, ("/p",)) for path in sources]


def _near(sources, *starts):
    groups = Neighbours(module_table(_files(sources)))
    for path, text in sources.items():
        groups.add(f"/p/{path}", imports(text))
    return {path.removeprefix("/p/") for path in groups.of(f"/p/{start}" for start in starts)}


@pytest.mark.parametrize(
    ("sources", "joined"),
    [
        ({"a.py": "import b", "b.py": "", "c.py": "import os"}, {"a.py", "b.py"}),
        ({"a.py": "", "b.py": "from a import x"}, {"a.py", "b.py"}),
        ({"a.py": "", "b.py": "def f():\n    import a", "c.py": "import b"}, {"a.py", "b.py", "c.py"}),
        ({"a.py": "import typing", "b.py": "import typing"}, {"a.py"}),
        ({"a.py": "", "b.py": "import a, c", "c.py": ""}, {"a.py", "b.py", "c.py"}),
        ({"a.py": "from p import b", "p/__init__.py": "", "p/b.py": ""}, {"a.py", "p/__init__.py", "p/b.py"}),
        ({"a.py": "from p.b import x", "p/__init__.py": "", "p/b.py": "", "p/c.py": ""}, {"a.py", "p/b.py"}),
        ({"a.py": "import p", "p/__init__.py": "", "p/b.py": ""}, {"a.py", "p/__init__.py", "p/b.py"}),
        ({"a.py": "import p.b", "p/b.py": "", "p/q/c.py": ""}, {"a.py", "p/b.py", "p/q/c.py"}),
        ({"a.py": "from p import q", "p/b.py": "", "p/q/c.py": ""}, {"a.py", "p/q/c.py"}),
        (
            {"a.py": "from p.b import *", "p/b.py": "from . import c", "p/c.py": ""},
            {"a.py", "p/b.py", "p/c.py"},
        ),
    ],
)
def test_files_are_joined_by_imports_that_resolve(sources, joined):
    assert _near(sources, "a.py") == joined


def test_several_starts_have_the_neighbours_of_each():
    sources = {"a.py": "", "b.py": "import a", "c.py": "", "d.py": "import c", "e.py": ""}

    assert _near(sources, "a.py", "d.py") == {"a.py", "b.py", "c.py", "d.py"}
    assert _near(sources) == set()


def _check(sources, selected=("CTX301",)):
    data = {f"/p/{path}": text.encode() for path, text in sources.items()}
    return engine.check(_files(sources), data.__getitem__, frozenset(selected))


def test_a_hop_is_seen_wherever_imports_join_it_to_the_variable():
    """Here by a third file that imports both and hands the worker over."""
    sources = {
        "v.py": VARIABLE + WORKER + "def enter(x):\n    user.set(x)\n",
        "hop.py": "import threading\ndef start(fn):\n    threading.Thread(target=fn).start()\n",
        "main.py": "import v, hop\ndef main():\n    v.enter('me')\n    hop.start(v.work)\n",
        "stranger.py": HOP.replace("=work", "=print"),
    }
    report = _check(sources)

    assert [found.location.filename for found in report.diagnostics] == ["hop.py"]
    assert report.statistics.files_opened == 3


def test_hops_are_seen_everywhere_where_all_of_them_are_asked_for():
    sources = {
        "v.py": VARIABLE,
        "stranger.py": "import threading\ndef go(x):\n    threading.Thread(target=x).start()\n",
    }

    assert _check(sources).statistics.files_opened == 1
    assert _check(sources, ["CTX310"]).statistics.files_opened == 2
