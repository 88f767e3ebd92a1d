"""Small programs from source: linked, asked, checked. Files live below ``/p``, which nothing reads from."""

from ctxlint import engine
from ctxlint.analysis.library import Library
from ctxlint.analysis.modules import module_table
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.symbols import (
    ClassRef,
    External,
    FunctionRef,
    InstanceRef,
    ModuleRef,
    ParameterRef,
    VariableRef,
)
from ctxlint.frontend.outline import headings, outline
from ctxlint.frontend.reader import read_module, read_unit
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import SourceFile
from ctxlint.rules.registry import all_rules

ROOT = "/p"
EVERY = frozenset(selector for rule in all_rules() for selector in rule.selectors)
DEFAULT = frozenset(rule.code for rule in all_rules() if rule.default)


def files(sources, roots=(ROOT,), unreported=()):
    return [SourceFile(f"{ROOT}/{name}", name, roots, name not in unreported) for name in sources]


class Texts:
    """Facts of texts, read by libcst; ``asked`` collects the units that were asked for."""

    def __init__(self, sources, asked=None):
        self.facts = {}
        self.sources = sources
        self.asked = asked

    def headings(self, path):
        name = path.removeprefix(f"{ROOT}/")
        text = self.sources.get(name)
        if text is None:
            return None
        pieces = outline(text)
        self.facts[path] = [read_unit(text, piece.start, piece.end) for piece in pieces]
        return headings(text, pieces)

    def unit(self, path, index):
        if self.asked is not None:
            self.asked.append(f"{path.removeprefix(f'{ROOT}/')} {index}")
        return self.facts[path][index]

    def names(self, path, word):
        return word in self.sources.get(path.removeprefix(f"{ROOT}/"), "")

    def units_with(self, path, words):
        text = self.sources.get(path.removeprefix(f"{ROOT}/"), "")
        bodies = [text[piece.start : piece.end] for piece in outline(text)]
        return tuple(i for i, body in enumerate(bodies) if any(word in body for word in words))


def program(sources, *, lazy=(), roots=(ROOT,), asked=None):
    """The linked program. Files in ``lazy`` are read only when the resolver asks; ``asked`` collects its questions."""
    library = Library(Texts(sources, asked), module_table(files(sources, roots)))
    return Program(Resolver(library), [f"{ROOT}/{name}" for name in sources if name not in lazy])


def scope(linked, where):
    """``a.py`` is a module, ``a.py:Class.method`` what it says."""
    name, _, qualname = where.partition(":")
    (found,) = [
        each
        for each in linked.resolver.library.whole(f"{ROOT}/{name}").descendants()
        if each.qualname == qualname
    ]
    return found


def expression(text):
    """The facts of an expression."""
    return read_module(f"_ = {text}").facts.units[0].body[0].value


def means(linked, where, text):
    """What the expression ``text`` means at ``where``, in words."""
    return told(linked.resolver.resolve(scope(linked, where), expression(text)))


def told(symbol):
    match symbol:
        case External(name=name):
            return f"external {name}"
        case ModuleRef(path=path):
            return f"module {_short(path)}"
        case ClassRef(scope=inner):
            return f"class {_named(inner)}"
        case InstanceRef(scope=inner):
            return f"instance {_named(inner)}"
        case FunctionRef(scope=inner, bound=bound):
            return f"{'bound' if bound else 'function'} {_named(inner)}"
        case VariableRef(var=var):
            return f"variable {_short(var.module)}:{var.qualname}"
        case ParameterRef(scope=inner, name=name):
            return f"parameter {_named(inner)}:{name}"
        case None:
            return None


def effects(text, qualname="f"):
    """The summary of a function of a program of one file, ``m.py``."""
    linked = program({"m.py": text})
    return linked.effects(scope(linked, f"m.py:{qualname}"))


def check(sources, *, selected=DEFAULT, roots=(ROOT,), unreported=(), **options):
    """The report on a program. A source that is an OSError cannot be read."""

    def content(path):
        found = sources[path.removeprefix(f"{ROOT}/")]
        if isinstance(found, OSError):
            raise found
        return found if isinstance(found, bytes) else found.encode()

    return engine.check(files(sources, roots, unreported), content, selected, **options)


def places(report):
    """Of each diagnostic: ``file:row:column code``."""
    found = []
    for diagnostic in report.diagnostics:
        where = diagnostic.location
        row, column = LineIndex(report.texts.get(where.filename, "")).position(where.span.start)
        found.append(f"{where.filename}:{row}:{column} {diagnostic.code}")
    return found


def _short(path):
    return path.removeprefix(f"{ROOT}/")


def _named(inner):
    return f"{_short(inner.path)}:{inner.qualname}"


def read(name, text):
    """The scope tree of one file."""
    return Library(Texts({name: text}), module_table(files([name]))).whole(f"{ROOT}/{name}")
