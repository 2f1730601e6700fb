"""A function of a Python file as a formula: its source is read through ast, and never run.

Assignments, loops of fixed length, comprehensions over fixed ranges, conditional expressions and
calls are written in this language, statement by statement; helper functions of the same file are
written out in place. What is outside of that is an error that names the line and what to write.
"""

from __future__ import annotations

import ast
from typing import NoReturn

from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.graph.sources.python_expression import Counting, Expressions, Written
from backtrace_cli.graph.sources.python_ranges import MOST
from backtrace_cli.graph.sources.python_text import PythonText, node_span

__all__ = ["formula_of"]

_ADVICE = {
    ast.While: "write a for loop over range(3), of a fixed length",
    ast.If: "to choose between two values write a if condition else b",
    ast.With: "leave it out", ast.Try: "leave it out", ast.Raise: "leave it out",
    ast.Delete: "leave it out", ast.Global: "make it an argument", ast.Nonlocal: "make it an argument",
    ast.FunctionDef: "define it beside this function, at the file's own level",
    ast.Import: "import at the top of the file", ast.ImportFrom: "import at the top of the file",
    ast.ClassDef: "define it at the file's own level",
}  # fmt: skip


def formula_of(file: str, name: str, path: str = "") -> PythonText:
    """The formula that the function ``name`` of the Python source ``file`` computes.

    ``path`` is what the file is called in errors. Raises FormulaError, which points into the file.

    >>> str(formula_of("def f(x, y):\\n    a = x**2\\n    return a*y\\n", "f"))
    'a = x^2\\na*y'
    """
    try:
        tree = ast.parse(file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        words = error.msg if isinstance(error, SyntaxError) else "it is nested too deeply"
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise FormulaError(f"{path or 'this'}{line} is no Python that can be read: {words}") from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name not in functions:
        some = ", ".join(shorten(each, 24) for each in list(functions)[:6])
        raise FormulaError(f"{path or 'this file'} has no function {shorten(name, 24)}",
                           hint=f"its functions: {some}" if some else "it has none")  # fmt: skip
    return _Writer(file, path, tree, functions).written(functions[name])


class _Writer(Expressions):
    """Writes the statements of one function, and of those that it calls."""

    def written(self, function: ast.FunctionDef) -> PythonText:
        self.arguments(function)
        result = self.body(function.body, function)
        self.statements.append((result, ""))
        text, pieces = "", []
        for value, name in self.statements:
            text += ("\n" if text else "") + (f"{name} = " if name else "")
            pieces += [(start + len(text), end + len(text), node) for start, end, node in value.pieces]
            text += value.text
        return PythonText(text, self.file, self.path, pieces)

    def arguments(self, function: ast.FunctionDef) -> None:
        """The function's arguments are the formula's variables; those with a default are set to it."""
        names, usual = self.signature(function)
        for each in names:
            self.names[each] = each
            self.taken.add(each)
            if each in usual:
                self.statements.append((self.expression(usual[each]), each))

    def signature(self, function: ast.FunctionDef) -> tuple[list[str], dict[str, ast.expr]]:
        """The names of a function's arguments, and what those are that have a default."""
        given = function.args
        odd = given.vararg or given.kwarg
        if odd is not None:
            self.refuse("a formula has so many variables and no more", odd, "name each argument")
        plain = [each.arg for each in (*given.posonlyargs, *given.args)]
        usual = dict(zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True))
        for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            if value is not None:
                usual[each.arg] = value
        return [*plain, *(each.arg for each in given.kwonlyargs)], usual

    def body(self, statements: list[ast.stmt], function: ast.FunctionDef) -> Written:
        """Write the statements; the value that is returned. Raises FormulaError where there is none."""
        waiting = list(reversed(statements))
        while waiting:
            statement = waiting.pop()
            if isinstance(statement, ast.Return):
                if statement.value is None:
                    self.refuse("a formula has a value, and this returns none", statement, "return the loss")
                return self.expression(statement.value)
            if isinstance(statement, ast.For):
                waiting += reversed(self.unrolled(statement))
            elif isinstance(statement, Counting):
                self.counters[statement.name] = statement.value
            else:
                self.statement(statement)
        self.refuse(f"{function.name} returns nothing", function, "end it with return and the value")

    def statement(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return  # a docstring
        if isinstance(statement, ast.Pass):
            return
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            value = ast.copy_location(
                ast.BinOp(ast.copy_location(ast.Name(statement.target.id), statement.target), statement.op,
                          statement.value), statement)  # fmt: skip
            self.assign(statement.target.id, self.expression(value))
        elif (
            isinstance(statement, ast.AnnAssign)
            and statement.value
            and isinstance(statement.target, ast.Name)
        ):
            self.assign(statement.target.id, self.expression(statement.value))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            self.assigned(statement.targets[0], statement.value)
        else:
            kind = type(statement).__name__.lower()
            hint = _ADVICE.get(type(statement), "write assignments, for loops over range(…) and a return")
            self.refuse(f"this statement ({kind}) is no part of a formula", statement, hint)

    def assigned(self, target: ast.expr, value: ast.expr) -> None:
        """``a = …``, and ``a, b = …, …`` with as many values as names."""
        if isinstance(target, ast.Name):
            self.assign(target.id, self.expression(value))
            return
        names = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        if names and len(names) == len(values) and all(isinstance(each, ast.Name) for each in names):
            found = [self.expression(each) for each in values]
            for each, one in zip(names, found, strict=True):
                assert isinstance(each, ast.Name)
                self.assign(each.id, one)
            return
        self.refuse(
            "only a name can be assigned here",
            target,
            "an entry of an array can't be set: build it as a list",
        )

    def unrolled(self, loop: ast.For) -> list[ast.stmt]:
        """The statements of a loop of fixed length, once for each round, with its counter's value before."""
        if loop.orelse:
            self.refuse(
                "a loop with else is no part of a formula", loop.orelse[0], "write it behind the loop"
            )
        found: list[ast.stmt] = []
        for value in self.rounds(loop.target, loop.iter):
            assert isinstance(loop.target, ast.Name)
            found += [Counting(loop.target.id, value), *loop.body]
            if len(found) > MOST:
                self.refuse("this loop is too long to be written out", loop.iter, "choose a smaller range")
        return found

    # -- helper functions ---------------------------------------------------

    def inlined(self, call: ast.Call, function: ast.FunctionDef) -> Written:
        """A call of a function of the same file, written out: its arguments become names of their own."""
        if function.name in self.active:
            self.refuse(f"{function.name} calls itself; a function is written out in place, so that would "
                        "never end", call, "write a for loop over range(…)")  # fmt: skip
        names, usual = self.signature(function)
        values = dict(zip(names, call.args, strict=False))
        values |= {each.arg: each.value for each in call.keywords if each.arg}
        missing = [name for name in names if name not in values and name not in usual]
        if missing or len(call.args) > len(names) or set(values) - set(names):
            self.refuse(f"{function.name} takes {len(names)} arguments", call, f"it needs {', '.join(names)}")
        inner = {name: self.expression(values.get(name, usual.get(name, call))) for name in names}
        outer, counters = self.names, self.counters
        self.names, self.counters = {}, {}
        self.active.append(function.name)
        for name, value in inner.items():
            if value.text in self.taken:  # what is a name already needs no other
                self.names[name] = value.text
            else:
                self.assign(name, value)
        result = self.body(function.body, function)
        self.active.pop()
        self.names, self.counters = outer, counters
        return result

    def refuse(self, message: str, node: ast.AST, hint: str) -> NoReturn:
        raise FormulaError(message, span=node_span(self.file, node), source=self.file,
                           origin=self.path or None, hint=hint)  # fmt: skip
