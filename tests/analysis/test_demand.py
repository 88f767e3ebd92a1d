"""Which files are read: those that name a variable, and those that use what the first ones offer."""

import pytest
from programs import check, places, program

from ctxlint.analysis.demand import exported_words

VARS = "from contextvars import ContextVar\nv = ContextVar('v')\n"
LEAK = "def handle(x):\n    token = v.set(x)\n    work()\n    return x\n"
SETTER = f"{VARS}def enter(x):\n    return v.set(x)\n"


def _read(sources):
    """How many files were candidates, and of how many libcst read something."""
    found = check(sources).statistics
    return found.candidates, found.files_read


def test_what_a_program_offers():
    text = (
        f"{VARS}class C:\n    own = ContextVar('o')\n    def put(self): v.set(1)\n"
        "D = {'a': ContextVar('a')}\ndef touch(): return v.set(1)\ndef idle(): pass\ncall = lambda: v.set(1)\n"
    )
    assert exported_words(program({"m.py": text, "n.py": "x = 1"})) == {
        "/p/m.py": frozenset({"v", "C", "own", "put", "D", "touch"})
    }


@pytest.mark.parametrize(
    ("importer", "read", "found"),
    [
        (f"from vars import v\n{LEAK}", 2, ["user.py:3:13 CTX102"]),
        (f"import vars\nv = vars.v\n{LEAK}", 2, ["user.py:4:13 CTX102"]),
        (f"from vars import *\n{LEAK}", 2, ["user.py:3:13 CTX102"]),
        (f"from . import vars\n{LEAK}".replace("v.set", "vars.v.set"), 2, ["user.py:3:13 CTX102"]),
        (LEAK, 1, []),
        (f"from other import v\n{LEAK}", 1, []),
        ("from vars import something\nx = 1", 1, []),
        ("x = 1", 1, []),
        ("def broken(:\n    v", 1, []),
    ],
)
def test_a_file_is_read_if_it_imports_what_is_offered(importer, read, found):
    report = check({"vars.py": VARS, "user.py": importer})
    assert (report.statistics.candidates, report.statistics.files_read) == (1, read)
    assert places(report) == found


def test_a_name_that_matches_is_not_enough():
    """``v`` of another module is another thing, however much the code looks alike."""
    sources = {"vars.py": VARS, "other.py": "v = Thing()\n", "user.py": f"from other import v\n{LEAK}"}
    assert _read(sources) == (1, 1)


def test_importers_are_followed_through_files_that_pass_the_name_on():
    sources = {
        "vars.py": VARS,
        "b.py": "from vars import v\n",
        "c.py": "from b import v\n",
        "user.py": f"from c import v\n{LEAK}",
    }
    assert _read(sources) == (1, 2)
    assert places(check(sources)) == ["user.py:3:13 CTX102"]


def test_a_function_that_returns_a_token_is_offered_like_a_variable():
    sources = {
        "vars.py": SETTER,
        "user.py": "from vars import enter\ndef f(x):\n    t = enter(x)\n    work()\n",
    }
    assert _read(sources) == (1, 2)
    assert places(check(sources)) == ["user.py:3:9 CTX102"]


def test_a_file_that_only_passes_a_class_on_is_not_read():
    sources = {
        "compat.py": "from contextvars import ContextVar\n",
        "m.py": "from facade import ContextVar\nv = ContextVar('contextvars', default=[])\n",
        "facade.py": "from compat import *\ndef big():\n    return 1\n",
    }
    report = check(sources)
    assert (report.statistics.files_read, report.statistics.units_read) == (1, 1)
    assert places(report) == ["m.py:2:39 CTX201"]


@pytest.mark.parametrize("facade", [b"\xff\xfe", "from compat import *\ndef ("])
def test_a_file_that_cannot_be_read_on_demand_is_told(facade):
    user = "from facade import ContextVar\nv = ContextVar('contextvars', default=[])\n"
    report = check({"m.py": user, "facade.py": facade})
    assert [(each.code, each.location.filename) for each in report.diagnostics] == [("CTX901", "facade.py")]
    assert report.statistics.files_read == 0


def test_no_candidate_no_reading():
    report = check({"a.py": "x = 1", "b.py": "y = 2"})
    assert (report.statistics.files, report.statistics.candidates, report.statistics.files_read) == (2, 0, 0)


def test_the_cost_is_counted_in_bytes():
    unit = "v = ContextVar('ä')\n"
    text = f"from contextvars import ContextVar\nname = 'ä'\n{unit}"
    assert check({"m.py": text}).statistics.bytes_read == len(unit.encode()) == 21


@pytest.mark.parametrize(
    ("maker", "use"),
    [
        ("from contextvars import ContextVar as CV\n", "CV('v', default=[])"),
        ("import contextvars\nCV = contextvars.ContextVar\n", "CV('v', default=[])"),
        (
            "import contextvars, functools\nCV = functools.partial(contextvars.ContextVar, 'v')\n",
            "CV(default=[])",
        ),
        ("import contextvars\ndef CV(name): return contextvars.ContextVar(name, default=[])\n", "CV('v')"),
    ],
)
def test_what_makes_variables_is_offered_to_files_that_name_no_variable(maker, use):
    report = check({"compat.py": maker, "user.py": f"from compat import CV\nv = {use}\n"})
    assert "user.py" in [place.partition(":")[0] for place in places(report)]


BY_THREAD = "import threading\nlocal = threading.local()\n"
HANDLER = (
    "import state, asyncio\nasync def handle(x):\n    state.local.x = x\n    await asyncio.sleep(0)\n"
    "    return state.local.x\n"
)


@pytest.mark.parametrize(
    ("sources", "candidates", "found"),
    [
        ({"state.py": BY_THREAD, "user.py": HANDLER}, 1, ["user.py:3:5 CTX212"]),
        ({"state.py": BY_THREAD, "user.py": "import state\nstate.local.x = 1\n"}, 0, []),
        ({"user.py": HANDLER}, 0, []),
    ],
)
def test_state_by_thread_counts_in_a_program_with_coroutines(sources, candidates, found):
    report = check(sources)
    assert (report.statistics.candidates, places(report)) == (candidates, found)
