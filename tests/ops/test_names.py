"""No op is known by its name outside ops and the language: what others need to know of it is a trait."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import backtrace_cli
from backtrace_cli.language.tree.syntax import OPERATORS
from backtrace_cli.ops import FUNCTIONS, OPS

PACKAGE = Path(backtrace_cli.__file__).parent
#: Rooms that may know ops by name: ops, the language, and the topics the quiz draws its formulas from.
#: What export/code/ names are the functions of other libraries.
ROOMS = ("ops/", "language/", "quiz/formulas/topics.py", "export/code/")
#: What the parser makes of signs. A tree is matched and built by these; an op may not be asked for them.
SYNTAX = {*OPERATORS, "index", "stack", "transpose"}
_MISTAKE = "a mistake says at which boxes it is made"
#: file -> the names that still stand there, and why. This list only shrinks.
STILL: dict[str, tuple[set[str], str]] = {
    "__init__.py": ({"trace"}, "the function of the Python API"),
    "api.py": ({"trace"}, "the function of the Python API"),
    "base/numerals.py": ({"sqrt"}, "how letters are written in ASCII"),
    "commands/verify.py": ({"rows"}, "a key of its JSON"),
    "engine/arithmetics/big.py": (
        {"cos", "cosh", "erf", "erfc", "exp", "expm1", "loggamma", "sin", "sinh", "tan", "tanh"},
        "functions of mpmath",
    ),
    "serving/protocol.py": ({"maximum", "minimum"}, "words of a JSON Schema"),
    "serving/schemas/exercise_schema.py": ({"maximum", "minimum"}, "words of a JSON Schema"),
    "serving/schemas/schema_parts.py": ({"trace"}, "a key of the JSON"),
    "serving/tools.py": ({"maximum", "minimum", "trace"}, "words of a JSON Schema, and a tool of that name"),
    "engine/symbolic.py": ({"ones_like", "sum"}, "builds the sum over what was broadcast"),
    "export/pictures/tikz.py": ({"psi", "sigma", "σ"}, "letters as TeX sets them"),
    "export/dialect.py": ({"abs"}, "a function of Python's own"),
    "export/written_code.py": ({"reshape", "sum", "where"}, "functions of NumPy"),
    "readings/assumptions.py": ({"one_hot"}, "a word of an exercise file for what its data are"),
    "grading/classroom/attempts.py": ({"where"}, "a key of its file, no op"),
    "graph/derivatives/adjoint.py": ({"ones_like", "where"}, "writes what the walk does into boxes"),
    "graph/derivatives/grad_calls.py": ({"zeros_like"}, "what f doesn't depend on has a slope of 0"),
    "graph/derivatives/growing.py": ({"identity", "ones_like", "sum"}, "fits messages to a shape"),
    "engine/second_order.py": ({"sum"}, "builds the slope along a direction"),
    "engine/shaped.py": ({"sum"}, "builds the sum over what was broadcast"),
    "graph/builder.py": ({"identity", "take"}, "makes the boxes of a = x and of a[i]"),
    "graph/node.py": ({"identity"}, "writes a = x as x"),
    "graph/shape_fitting.py": (
        {"expand_dims", "matmul", "multiply", "reshape", "stack"}, "writes what to do instead",
    ),
    "mistakes/catalogue.py": ({"sign", "softmax"}, "the names of a mistake and of a topic, no ops"),
    "mistakes/places/compositions.py": ({"add", "exp", "identity", "power", "subtract"}, _MISTAKE),
    "mistakes/places/wrong_messages.py": (
        {"log_softmax", "log_softmax_vector", "mT", "matmul_column", "matmul_inner", "matmul_row",
         "matmul_stacked", "mean", "outer", "sign", "softmax", "softmax_vector"}, _MISTAKE,
    ),
    "mistakes/places/misreadings.py": ({"divide", "power", "subtract"}, _MISTAKE),
    "mistakes/places/paths.py": ({"divide", "multiply", "relu"}, _MISTAKE),
    "mistakes/places/rules.py": ({"divide", "multiply", "power", "sign", "square"}, _MISTAKE),
    "mistakes/replay.py": ({"divide"}, _MISTAKE),
    "mistakes/told.py": ({"sign"}, "the name of a mistake, no op"),
    "mistakes/rivals.py": ({"sign"}, "the name of a mistake, no op"),
    "pages/grading/verdicts.py": ({"trace"}, "a key of its JSON"),
    "pages/reference.py": ({"index", "transpose"}, "they are written with signs: a[…] and a.T"),
    "quiz/generate.py": ({"relu", "sigmoid", "softplus", "tanh"}, "names of the topics' boxes"),
    "readings/closed/shortest.py": ({"abs"}, "builds the size of a term"),
    "readings/closed/size_bounds.py": ({"square"}, "the power 2, written as a function"),
    "readings/closed/sympy_bridge.py": ({"exp", "sqrt", "square"}, "sympy writes them as powers"),
    "readings/notes.py": (
        {"abs", "matmul", "max", "min", "multiply", "norm", "power", "sum", "take"},
        "what is often meant otherwise, each with its own advice",
    ),
    "readings/opened/entry_formulas.py": ({"identity"}, "the operators over formulas of entries"),
    "readings/second/second_dicts.py": ({"rows"}, "a key of its JSON"),
    "runs/first_values.py": ({"std"}, "an option of normal(…), no op"),
    "runs/point.py": ({"stack"}, "a list is a value, not a calculation"),
    "runs/run.py": ({"take"}, "an index is asked whether it is a mask"),
    "runs/unknown_names.py": ({"psi"}, "Greek letters by their names"),
    "training/examples.py": ({"take"}, "what is often meant otherwise"),
    "training/training_notes.py": ({"argmax"}, "what is often meant otherwise"),
}  # fmt: skip


def _asks_an_op(node: ast.expr) -> bool:
    """Is it ``op.name`` or ``op.called``?"""
    if not (isinstance(node, ast.Attribute) and node.attr in ("name", "called")):
        return False
    return getattr(node.value, "attr", getattr(node.value, "id", "")) in ("op", "inner")


def named_in(tree: ast.AST) -> Iterator[str]:
    """The ops that a file knows by name."""
    asked = {
        id(part)
        for node in ast.walk(tree) if isinstance(node, ast.Compare)
        and any(map(_asks_an_op, (node.left, *node.comparators)))
        for part in ast.walk(node)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            known = node.value in FUNCTIONS or node.value in OPS
            if known and (node.value not in SYNTAX or id(node) in asked):
                yield node.value


def test_no_op_is_known_by_its_name() -> None:
    """A fact about an op stands in its declaration: a set of names elsewhere forgets every new op."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(ROOMS) and (names := set(named_in(ast.parse(path.read_text("utf-8"))))):
            found[name] = names
    new = {name: names - STILL.get(name, (set(),))[0] for name, names in found.items()}
    assert not {name: names for name, names in new.items() if names}, "make it a trait of the op"
    gone = {name: names - found.get(name, set()) for name, (names, _) in STILL.items()}
    assert not {name: names for name, names in gone.items() if names}, "strike it off the list"


def test_a_planted_name_is_found() -> None:
    """The search sees a set of names, and an op asked for an operator's name."""
    assert set(named_in(ast.parse('SUMS = {"cumsum", "mean"}'))) >= {"mean"}
    assert set(named_in(ast.parse('if node.op.name == "add": ...'))) == {"add"}
    assert not set(named_in(ast.parse('tree = Call("add", (a, b)); tree.func == "add"')))
