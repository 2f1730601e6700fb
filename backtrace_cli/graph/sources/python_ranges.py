"""What a Python function counts through: ranges and whole numbers that its text alone fixes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NoReturn

__all__ = ["DEEPEST", "MOST", "Ranges"]

#: An expression may be nested so deep, and a loop written out so many times.
DEEPEST, MOST = 90, 20_000


class Ranges:
    """Loops of fixed length, over names and counters that are known while a function is written."""

    depth: int
    names: dict[str, str]
    """What each of Python's names is called in the formula now."""
    counters: dict[str, int]
    """The values of the loops' counters."""
    constants: dict[str, ast.expr]
    """What the file sets to a number at its own level."""

    def refuse(self, message: str, node: ast.AST, hint: str) -> NoReturn:
        """Raise FormulaError at ``node``; the writer says how."""
        raise NotImplementedError

    def all_rounds(self, generators: list[ast.comprehension]) -> Iterator[dict[str, int]]:
        rounds: list[dict[str, int]] = [{}]
        for each in generators:
            if each.ifs:
                self.refuse("a condition in a comprehension is no part of a formula", each.ifs[0],
                            "write where(condition, a, b)")  # fmt: skip
            assert isinstance(each.target, ast.AST)
            name = each.target.id if isinstance(each.target, ast.Name) else ""
            rounds = [
                {**known, name: value} for known in rounds for value in self.rounds(each.target, each.iter)
            ]
        yield from rounds

    def rounds(self, target: ast.expr, over: ast.expr) -> list[int]:
        """The values that a loop over ``range(…)``, or over whole numbers, counts through."""
        if not isinstance(target, ast.Name):
            self.refuse("a loop counts with one name", target, "write for i in range(3)")
        if isinstance(over, (ast.Tuple, ast.List)):
            return [self.whole(each) for each in over.elts]
        ranged = isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range"
        if not ranged or not isinstance(over, ast.Call) or not 1 <= len(over.args) <= 3:
            self.refuse("a loop goes over a range of whole numbers", over, "write range(3)")
        bounds = [self.whole(each) for each in over.args]
        if len(bounds) == 3 and not bounds[2]:
            self.refuse("a range can't go in steps of 0", over, "write range(0, 6, 2)")
        found = range(*bounds)
        if len(found) > MOST:
            self.refuse("this loop is too long to be written out", over, "choose a smaller range")
        return list(found)

    def whole(self, node: ast.expr) -> int:
        """The whole number that ``node`` is, known from the text alone."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return int(node.value)
        if isinstance(node, ast.Name) and node.id in self.counters:
            return self.counters[node.id]
        if isinstance(node, ast.Name) and node.id in self.constants and node.id not in self.names:
            return self.whole(self.constants[node.id])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.whole(node.operand)
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult))
            and self.depth < DEEPEST
        ):
            self.depth += 1
            left, right = self.whole(node.left), self.whole(node.right)
            self.depth -= 1
            return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(node.op)]
        self.refuse(
            "this is needed as a whole number, known from the text alone", node, "write one, such as 3"
        )

    def counted(self, node: ast.expr) -> bool:
        """Is ``node`` made of whole numbers and counters alone?"""
        leaves = [each for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Constant, ast.Call))]
        return all(isinstance(each, ast.Constant) or (isinstance(each, ast.Name) and each.id in self.counters)
                   for each in leaves)  # fmt: skip
