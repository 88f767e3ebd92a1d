"""Which file a dotted name is, from which root."""

import pytest
from programs import files

from ctxlint.analysis.modules import module_table
from ctxlint.model.sources import SourceFile

ROOTS = ("/p/src", "/p")


def _table(*names, roots=ROOTS):
    return module_table(files(names, roots))


@pytest.mark.parametrize(
    ("module", "level", "path"),
    [
        ("app", 0, "/p/src/app/__init__.py"),
        ("app.db", 0, "/p/src/app/db.py"),
        ("src.app.db", 0, "/p/src/app/db.py"),
        ("tools", 0, "/p/tools.py"),
        ("db", 0, None),
        ("src", 0, None),
        ("", 1, "/p/src/app/__init__.py"),
        ("db", 1, "/p/src/app/db.py"),
        ("app.db", 2, "/p/src/app/db.py"),
        ("tools", 3, "/p/tools.py"),
        ("tools", 4, None),
    ],
)
def test_what_an_import_names(module, level, path):
    table = _table("src/app/__init__.py", "src/app/db.py", "src/app/m.py", "tools.py")
    assert table.resolve("/p/src/app/m.py", module, level) == path


def test_a_file_that_is_not_of_the_program_imports_nothing():
    table = _table("m.py")
    assert (table.resolve("/elsewhere.py", "m", 0), table.absolute("/elsewhere.py", "m", 1)) == (None, None)


def test_the_innermost_root_wins():
    table = _table("src/db.py", "db.py", "src/m.py")
    assert table.resolve("/p/src/m.py", "db", 0) == "/p/src/db.py"


def test_a_source_wins_over_its_stub_in_either_order():
    for names in (("m.py", "m.pyi"), ("m.pyi", "m.py")):
        assert _table(*names).resolve("/p/m.py", "m", 0) == "/p/m.py"
    assert _table("m.pyi").resolve("/p/m.pyi", "m", 0) == "/p/m.pyi"


def test_a_file_of_another_kind_has_no_name_but_has_roots():
    table = _table("script", "notes.txt", "m.py")
    assert [table.resolve("/p/script", name, 0) for name in ("script", "notes", "m")] == [
        None,
        None,
        "/p/m.py",
    ]


def test_a_name_is_found_from_any_root():
    table = _table("src/space/db.py", "src/m.py")
    assert [table.anywhere(name) for name in ("space.db", "src.space.db", "space")] == [
        "/p/src/space/db.py",
        "/p/src/space/db.py",
        None,
    ]


@pytest.mark.parametrize(
    ("module", "level", "name"),
    [("a.b", 0, "a.b"), ("b", 1, "app.b"), ("", 1, "app"), ("b", 2, "b"), ("b", 3, None)],
)
def test_the_absolute_name_of_a_relative_import(module, level, name):
    table = _table("src/app/m.py")
    assert table.absolute("/p/src/app/m.py", module, level) == name


@pytest.mark.parametrize(
    ("path", "roots", "within"),
    [
        ("/p/tests/m.py", ("/p/tests", "/p"), "tests/m.py"),
        ("/p/m.py", ("/p",), "m.py"),
        ("/p/m.py", ("/elsewhere",), "/p/m.py"),
        ("/p/m.py", (), "/p/m.py"),
    ],
)
def test_a_path_within_its_project(path, roots, within):
    assert module_table([SourceFile(path, path, roots)]).within(path) == within


def test_the_path_of_an_unknown_file_is_its_own():
    assert module_table([]).within("/p/m.py") == "/p/m.py"
