"""One expression of Python, written in the language of formulas, piece by piece with its places."""

from __future__ import annotations

import ast
from typing import NamedTuple

from backtrace_cli.graph.sources.python_ranges import DEEPEST, MOST, Ranges
from backtrace_cli.graph.sources.python_text import Piece
from backtrace_cli.language.notation.libraries import FOLDS

__all__ = ["Counting", "Expressions", "Written"]

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.MatMult: " @ "}
_COMPARED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_ADVICE = {
    ast.Lambda: "define a function beside this one", ast.Dict: "give each value a name",
    ast.JoinedStr: "leave the text out", ast.Await: "leave await out", ast.Starred: "write the values out",
    ast.DictComp: "write a list", ast.SetComp: "write a list", ast.Set: "write a list",
}  # fmt: skip


class Written(NamedTuple):
    """A piece of the formula, with the places of what it is made of."""

    text: str
    pieces: list[Piece]
    atomic: bool = True
    """Can it stand beside any operator without brackets?"""


class Counting(ast.stmt):
    """A loop's counter taking its next value, between the statements of two rounds."""

    def __init__(self, name: str, value: int) -> None:
        super().__init__()
        self.name = name
        self.value = value


class Expressions(Ranges):
    """What is known while a function is written, and how its expressions are."""

    def __init__(self, file: str, path: str, tree: ast.Module, functions: dict[str, ast.FunctionDef]) -> None:
        self.file = file
        self.path = path
        self.functions = functions
        self.constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Constant, ast.UnaryOp))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.imported = {
            (alias.asname or alias.name).partition(".")[0]
            for node in tree.body
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        self.names = {}
        self.counters = {}
        self.taken: set[str] = set()
        self.active: list[str] = []
        """The functions that are being written out."""
        self.statements: list[tuple[Written, str]] = []
        self.depth = 0

    def inlined(self, call: ast.Call, function: ast.FunctionDef) -> Written:
        """A call of a function of the same file; the writer writes it out."""
        raise NotImplementedError

    def assign(self, name: str, value: Written) -> None:
        """Give ``name`` a value; where it has one already, under a new name."""
        fresh, count = name, 1
        while fresh in self.taken:
            count += 1
            fresh = f"{name}_{count}"
        self.taken.add(fresh)
        self.names[name] = fresh
        self.counters.pop(name, None)
        self.statements.append((value, fresh))
        if len(self.statements) > MOST:
            raise RecursionError

    # -- expressions --------------------------------------------------------

    def expression(self, node: ast.expr) -> Written:
        """``node`` as a piece of the formula. Raises FormulaError at what no formula can hold."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse("this is nested too deeply", node, "give what is inside a name of its own")
        made = self.chain(node) if isinstance(node, ast.BinOp) else self.single(node)
        self.depth -= 1
        return made._replace(pieces=[*made.pieces, (0, len(made.text), node)])

    def single(self, node: ast.expr) -> Written:
        if isinstance(node, ast.Constant):
            return self.constant(node)
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            sign = "-" if isinstance(node.op, ast.USub) else ""
            return self.joined(sign, self.bracketed(node.operand), atomic=not sign)
        if isinstance(node, ast.Compare):
            return self.compared(node)
        if isinstance(node, ast.IfExp):
            parts = [self.expression(part) for part in (node.test, node.body, node.orelse)]
            return self.listed("where(", parts, ")")
        if isinstance(node, ast.BoolOp):
            parts = [self.bracketed(part) for part in node.values]
            if isinstance(node.op, ast.And):
                return self.joined(*[x for part in parts for x in ("*", part)][1:], atomic=False)
            return self.listed("max(", parts, ")")
        if isinstance(node, (ast.List, ast.Tuple)):
            return self.listed("[", [self.expression(part) for part in node.elts], "]")
        if isinstance(node, ast.ListComp):
            return self.listed("[", self.comprehended(node), "]")
        if isinstance(node, ast.Subscript):
            return self.joined(self.bracketed(node.value), "[", self.place(node.slice), "]")
        if isinstance(node, ast.Attribute):
            return self.joined(self.owner(node.value), f".{node.attr}")
        if isinstance(node, ast.Call):
            return self.call(node)
        kind = type(node).__name__.lower()
        self.refuse(f"this ({kind}) is no part of a formula", node,
                    _ADVICE.get(type(node), "write it with arithmetic and functions"))  # fmt: skip

    def chain(self, node: ast.BinOp) -> Written:
        """a + b + c + …: Python nests such a chain to the left, as deep as it is long."""
        spine: list[ast.BinOp] = [node]
        while isinstance(spine[-1].left, ast.BinOp):
            spine.append(spine[-1].left)
        made = self.bracketed(spine[-1].left)
        level = 9
        parts: list[str | Written] = [made]
        for each in reversed(spine):
            sign = _SIGNS.get(type(each.op))
            if sign is None:
                hint = "for a whole part write floor(x/y), for a remainder x - y*floor(x/y)"
                self.refuse("this operator is no part of a formula", each, hint)
            binds = 1 if sign in "+-" else 3 if sign == "^" else 2
            if level < binds or (sign == "^" and len(parts) > 1):
                parts = ["(", *parts, ")"]
            level = binds
            right = self.bracketed(each.right)
            parts += [sign if binds > 1 else f" {sign} ", right]
        return self.joined(*parts, atomic=False)

    def bracketed(self, node: ast.expr) -> Written:
        """``node``, in brackets where an operator beside it would tear it apart."""
        made = self.expression(node)
        return made if made.atomic else self.joined("(", made, ")")

    def joined(self, *parts: str | Written, atomic: bool = True) -> Written:
        """``parts`` one behind the other, with the places of each moved along."""
        text: list[str] = []
        pieces: list[Piece] = []
        length = 0
        for part in parts:
            if isinstance(part, Written):
                pieces += [(start + length, end + length, node) for start, end, node in part.pieces]
                part = part.text
            text.append(part)
            length += len(part)
        return Written("".join(text), pieces, atomic)

    def listed(self, opening: str, parts: list[Written], closing: str) -> Written:
        between = [x for part in parts for x in (", ", part)][1:]
        return self.joined(opening, *between, closing)

    # -- names, numbers, calls ----------------------------------------------

    def constant(self, node: ast.Constant) -> Written:
        value = node.value
        if isinstance(value, bool) or value is None:
            return Written({True: "1", False: "0", None: "None"}[value], [])
        if isinstance(value, (int, float)):
            return Written(repr(value), [], value >= 0)
        self.refuse("this value is no number", node, "leave it out")

    def name(self, node: ast.Name) -> Written:
        name = node.id
        if name in self.counters:
            return Written(str(self.counters[name]), [], self.counters[name] >= 0)
        if name in self.names:
            return Written(self.names[name], [])
        if name in self.constants:
            return self.bracketed(self.constants[name])
        if name in self.imported:
            return Written(name, [])
        self.refuse(
            f"{name} is not known here", node, "make it an argument of the function, or set it before"
        )

    def owner(self, node: ast.expr) -> Written:
        """What stands before a point: a library's name, or a value."""
        if isinstance(node, ast.Name) and node.id in self.imported and node.id not in self.names:
            return Written(node.id, [])
        return self.bracketed(node)

    def compared(self, node: ast.Compare) -> Written:
        sides = [node.left, *node.comparators]
        parts: list[str | Written] = []
        for at, op in enumerate(node.ops):
            sign = _COMPARED.get(type(op))
            if sign is None:
                self.refuse("this comparison is no part of a formula", node, "write <, <=, >, >=, == or !=")
            one = self.joined(self.bracketed(sides[at]), f" {sign} ", self.bracketed(sides[at + 1]))
            parts += ["*", self.joined("(", one, ")")] if len(node.ops) > 1 else ["", one]
        return self.joined(*parts[1:], atomic=False)

    def call(self, node: ast.Call) -> Written:
        func = node.func
        if isinstance(func, ast.Name) and func.id in self.functions and func.id not in self.names:
            made = self.inlined(node, self.functions[func.id])
            return made if made.atomic else self.joined("(", made, ")")
        if len(node.args) == 1 and isinstance(node.args[0], (ast.GeneratorExp, ast.ListComp)):
            folded = self.folded(func, node.args[0])
            if folded is not None:
                return folded
        if isinstance(func, ast.Name):
            head = Written(func.id, [(0, len(func.id), func)])
        elif isinstance(func, ast.Attribute):
            head = self.joined(self.owner(func.value), f".{func.attr}")
        else:
            self.refuse("only a function with a name can be called", func, "give it a name beside this one")
        parts = [self.expression(each) for each in node.args]
        for keyword in node.keywords:
            if keyword.arg is None:
                self.refuse("each option is written out", keyword.value, "write axis=0")
            word = keyword.value.value if isinstance(keyword.value, ast.Constant) else 0
            if word is None or isinstance(word, (bool, str)):
                option = Written(str(word).lower(), [])
            elif isinstance(keyword.value, ast.Attribute):
                option = Written("0", [])  # dtype=torch.float32, which changes nothing here
            else:
                option = self.expression(keyword.value)
            parts.append(self.joined(f"{keyword.arg}=", option))
        return self.joined(head, self.listed("(", parts, ")"))

    def folded(self, func: ast.expr, node: ast.GeneratorExp | ast.ListComp) -> Written | None:
        """``sum(… for i in range(3))`` as its terms, added; None for a function that takes a list."""
        sign = FOLDS.get(func.id if isinstance(func, ast.Name) else "")
        if sign is None and isinstance(node, ast.ListComp):
            return None
        terms = self.comprehended(node)
        if sign is None:
            self.refuse("this function takes no generator here", node, "write a list, [… for i in range(3)]")
        wrapped = [term if term.atomic else self.joined("(", term, ")") for term in terms]
        return (
            self.joined("(", *[x for term in wrapped for x in (sign, term)][1:], ")")
            if terms
            else Written("0", [])
        )

    def comprehended(self, node: ast.GeneratorExp | ast.ListComp) -> list[Written]:
        """The values of a comprehension over fixed ranges, one after the other."""
        found: list[Written] = []
        kept = dict(self.counters)
        for counters in self.all_rounds(node.generators):
            self.counters = {**kept, **counters}
            found.append(self.expression(node.elt))
            if len(found) > MOST:
                self.refuse("this is too long to be written out", node, "choose a smaller range")
        self.counters = kept
        return found

    def place(self, node: ast.expr) -> Written:
        """What stands between square brackets: numbers, slices, None."""
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        found: list[Written] = []
        for part in parts:
            if isinstance(part, ast.Slice):
                bounds = [part.lower, part.upper, *([part.step] if part.step else [])]
                texts = [self.bound(bound) for bound in bounds]
                found.append(self.joined(*[x for each in texts for x in (":", each)][1:]))
            else:
                found.append(self.bound(part))
        return self.listed("", found, "")

    def bound(self, node: ast.expr | None) -> Written:
        if node is None:
            return Written("", [])
        made = self.expression(node)
        known = isinstance(node, (ast.BinOp, ast.UnaryOp)) and self.counted(node)
        return Written(str(self.whole(node)), made.pieces) if known else made
