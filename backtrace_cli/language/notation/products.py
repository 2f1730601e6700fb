r"""Which products of a LaTeX formula are matrix products: ``\mathbf{W}\mathbf{x}`` is ``W @ x``.

A page shows by its letters what is an array: a bold small letter is a column, a bold capital
a matrix, a bold letter under ``^\top`` lies on its side. So are brackets and functions of them.
From that alone it is decided which product two neighbours make; where it can't be, the formula
is refused with both readings. (Shapes are not known here; the graph checks them later.)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from backtrace_cli.base.caret import Span
from backtrace_cli.language.notation.product_complaints import ProductComplaints
from backtrace_cli.language.notation.sorts import (
    ARRAY,
    COLUMN,
    MATRIX,
    NUMBER,
    PLAIN,
    ROW,
    SIDE_BY_SIDE,
    TURNED,
    Factor,
    Level,
)  # fmt: skip
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import KEYWORDS

__all__ = ["BOLD", "COLUMN", "MATRIX", "ROW", "matrix_products"]

BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|pmb|textbf)(?![A-Za-z])")
_ENDS = frozenset({"number", "name", ")", "]", "|)", ".T"})
_CONSTANTS = frozenset({"e", "pi", "π"})
_RESHAPING = frozenset({"reshape", "expand_dims", "one_hot", "take"})
_ORDER = (MATRIX, ARRAY, COLUMN, ROW, PLAIN, NUMBER)


def matrix_products(
    tokens: list[Token],
    source: str,
    functions: Collection[str],
    lists: Mapping[int, str],
    inner: Collection[int],
) -> list[Token]:
    r"""``tokens`` with ``@`` between the neighbours that make a matrix product.

    ``lists`` say of the tokens that open a written-out matrix what it is, ``inner`` which
    ``@`` come from ``\langle a, b \rangle``. Raises FormulaError where a product can be read
    in more than one way.

    >>> from backtrace_cli.language.latex.translator import tokenize_latex
    >>> [token.text for token in tokenize_latex(r"\mathbf{W}\mathbf{x}", ())]
    ['(', 'W', 'matmul', 'x', ')', '']
    """
    turned = any(token.kind == ".T" for token in tokens)
    if not (lists or inner or turned or BOLD.search(source)):
        return tokens
    return _Products(tokens, source, functions, lists, inner).decided()


class _Products:
    """One pass over the tokens with a stack of the brackets that are open."""

    def __init__(
        self,
        tokens: list[Token],
        source: str,
        functions: Collection[str],
        lists: Mapping[int, str],
        inner: Collection[int],
    ) -> None:
        self.tokens = tokens
        self.source = source
        self.functions = functions
        self.lists = lists
        self.inner = inner
        self.say = ProductComplaints(source, tokens)
        self.levels = [Level(0)]
        self.known: dict[str, str] = {}
        """What each name of the formula is, as far as the page shows it."""
        self.own = self.defined()
        self.bold = self.letters()
        self.head = ""
        """The name or function that the statement at hand defines."""
        self.infix: dict[int, Token] = {}
        self.opening: dict[int, list[Token]] = {}
        self.closing: dict[int, list[Token]] = {}

    # -- names --------------------------------------------------------------

    def defined(self) -> dict[str, str]:
        """The functions that the formula defines; what they give is found on the way."""
        tokens, start, own = self.tokens, 0, {}
        for at, token in enumerate(tokens):
            if token.kind == ";":
                start = at + 1
            elif token.kind == "=" and [each.kind for each in tokens[start : start + 2]] == ["name", "("]:
                own[tokens[start].text] = PLAIN
        return own

    def letters(self) -> bool:
        """Learn what the letters show; is any of them bold?"""
        bold: dict[str, Token] = {}
        thin: dict[str, Token] = {}
        for token, following in zip(self.tokens, self.tokens[1:], strict=False):
            if token.kind != "name" or (following.kind == "(" and self.called(token)):
                continue
            if "_" in self.source[slice(*token.span)] and token.text.isalpha():
                continue  # x_i of a sum is read as x, however x is set elsewhere
            is_bold = bool(BOLD.match(self.source, token.span.start))
            (bold if is_bold else thin).setdefault(token.text, token)
            if is_bold or following.kind == ".T":
                self.known[token.text] = MATRIX if token.text[0].isupper() else COLUMN
        for name, token in thin.items():
            stem = re.sub(r"(?<=.)(?:_\w+|\d+)$", "", name)
            if name in bold or stem in bold:
                self.say.two_letters(token, bold.get(name) or bold[stem])
        return bool(bold)

    def called(self, token: Token) -> bool:
        return token.text in self.functions or token.text in self.own

    def sort(self, token: Token) -> str:
        if token.kind == "number":
            return NUMBER
        return self.known.get(token.text, NUMBER if token.text in _CONSTANTS else PLAIN)

    # -- the pass -----------------------------------------------------------

    def decided(self) -> list[Token]:
        func, inside = -1, 0
        for at, token in enumerate(self.tokens):
            kind = token.kind
            if inside or (kind == "[" and at not in self.lists and self.tokens[at - 1].kind in _ENDS):
                inside += (kind == "[") - (kind == "]")
                if not inside and (run := self.levels[-1].run):  # the entry stands for its array
                    run[-1] = run[-1]._replace(sort=PLAIN, last=at)
            elif kind == "name" and self.tokens[at + 1].kind == "(" and self.called(token):
                func = at
            elif kind in ("number", "name"):
                self.value(Factor(self.sort(token), at, at))
            elif kind in ("(", "[", "|("):
                self.levels.append(
                    Level(func if func >= 0 else at, self.tokens[func].text if func >= 0 else "")
                )
                func = -1
            elif kind == "|":
                self.bar(at)
            elif kind in (")", "]", "|)"):
                self.close(at)
            elif kind == ".T" and self.levels[-1].run:
                last = self.levels[-1].run[-1]
                if last.sort == PLAIN and self.tokens[last.first].kind == "(":
                    last = last._replace(sort=COLUMN)  # (x - μ)^T: no number is turned
                self.levels[-1].run[-1] = Factor(TURNED.get(last.sort, last.sort), last.first, at)
            else:
                self.sign(at, token)
        return self.written()

    def value(self, factor: Factor) -> None:
        level = self.levels[-1]
        if level.raised and level.run:
            base = level.run[-1]
            if base.sort == MATRIX:
                self.say.power_of_matrix(base.first, base.last, factor.first, factor.last)
            sort = _joined([base.sort, factor.sort])
            level.run[-1] = Factor(sort, base.first, factor.last)
            level.raised = False
        else:
            level.run.append(factor)

    def sign(self, at: int, token: Token) -> None:
        """An operator or a separator; a sign in front of a value changes nothing."""
        level = self.levels[-1]
        after_value = at > 0 and (self.tokens[at - 1].kind in _ENDS or self.tokens[at - 1].kind == "|")
        if token.kind == "op" and token.text == "power":
            level.raised = True
        elif token.text == "\n" and (len(self.levels) > 1 or not after_value):
            return
        elif token.kind in ("op", "plus", "minus") and after_value:
            self.finish_run(level)
            if token.kind == "op" and token.text in ("multiply", "divide", "matmul"):
                level.sign = at
            else:
                self.finish_term(level)
        elif token.kind == "=" and len(self.levels) == 1:
            self.head = self.tokens[level.run[0].first].text if level.run else ""
            level.run, level.term, level.terms = [], None, []
        elif token.kind in (",", ";", "end"):
            self.finish_argument(level)
            if len(self.levels) == 1:
                self.finish_statement(level)

    def bar(self, at: int) -> None:
        r"""A bar that doesn't say how it faces closes the one that is open, where it can."""
        opened = self.tokens[self.levels[-1].first]
        if opened.kind == "|" and len(self.levels) > 1 and self.tokens[at - 1].kind in _ENDS:
            self.close(at)
        else:
            self.levels.append(Level(at))

    def close(self, at: int) -> None:
        if len(self.levels) == 1:
            return  # the parser says so better
        level = self.levels[-1]
        self.finish_argument(level)
        self.levels.pop()
        opened = level.first + bool(level.func)
        sort = self.lists.get(opened) or _joined(level.arguments)
        if level.func:
            sort = self.result(level.func, level.arguments)
        self.value(Factor(sort, level.first, at))

    def result(self, func: str, arguments: list[str]) -> str:
        """What a function of such arguments gives."""
        joined = _joined(arguments)
        if func in self.own:
            return joined if self.own[func] == PLAIN else self.own[func]
        options = KEYWORDS.get(func, ())
        if "reduction" in options or ("keepdims" in options and len(arguments) == 1):
            return NUMBER
        if func == "outer":
            return MATRIX
        return ARRAY if func in _RESHAPING else joined

    def finish_statement(self, level: Level) -> None:
        sort = _joined(level.arguments)
        if self.head in self.own:
            self.own[self.head] = sort
        elif self.head:
            self.known.setdefault(self.head, sort)
        self.head = ""
        level.arguments = []

    # -- runs, terms and arguments --------------------------------------------

    def finish_argument(self, level: Level) -> None:
        self.finish_run(level)
        self.finish_term(level)
        if level.terms:
            level.arguments.append(_joined(level.terms))
        level.terms = []

    def finish_term(self, level: Level) -> None:
        if level.term is not None:
            level.terms.append(level.term.sort)
        level.term, level.sign = None, -1

    def finish_run(self, level: Level) -> None:
        """Decide the products of what stands side by side, and join it to the term before."""
        level.raised = False
        if not level.run:
            return
        decided = len(self.infix)
        found = self.side_by_side(level.run)
        if level.term is not None and len(self.infix) > decided and self.tokens[level.sign].text == "divide":
            self.say.over_a_product(level.term, level.run[0], level.run[1], found)
        level.run = []
        if level.term is not None and level.sign >= 0:
            found = self.signed(level.term, level.sign, found)
        level.term = found

    def signed(self, left: Factor, at: int, right: Factor) -> Factor:
        """A product with a sign. A dot between two arrays would be another product on the page."""
        token = self.tokens[at]
        arrays = {left.sort, right.sort} <= {COLUMN, ROW, MATRIX, ARRAY}
        sort = _joined([left.sort, right.sort])
        if at in self.inner:
            if MATRIX in (left.sort, right.sort) or self.capital(left) or self.capital(right):
                self.say.inner_of_matrices(left, right)
            sort = NUMBER
        elif token.text == "matmul":
            both = (left.sort, right.sort)
            sort = NUMBER if both == (COLUMN, COLUMN) else SIDE_BY_SIDE.get(both, ("", ARRAY))[1]
        elif arrays and self.source[slice(*token.span)] in (r"\cdot", r"\times", r"\bullet"):
            self.say.dot_of_arrays(left, token, right)
        return Factor(sort, left.first, right.last)

    def capital(self, factor: Factor) -> bool:
        """One capital letter in brackets, which is a matrix on most pages."""
        return factor.last == factor.first + 2 and self.tokens[factor.first + 1].text[0].isupper()

    def side_by_side(self, run: list[Factor]) -> Factor:
        whole, joined = run[0], False
        for factor in run[1:]:
            func, sort = self.product(whole, factor)
            if func == "outer":
                if joined:
                    self.wrap(whole.first, whole.last)
                self.wrap(whole.first, factor.last, "outer")
                self.infix[factor.first] = self.token(",", ",", factor.first)
                joined = False
            elif func == "matmul":
                self.infix[factor.first] = self.token("op", "matmul", factor.first)
                joined = True
            elif joined:  # (w.T @ x) y is not w.T @ (x y)
                self.wrap(whole.first, whole.last)
                joined = False
            whole = Factor(sort, whole.first, factor.last)
        if joined:
            self.wrap(whole.first, whole.last)
        return whole

    def product(self, left: Factor, right: Factor) -> tuple[str, str]:
        """The function that two neighbours make ("" for a plain product), and what it gives."""
        left, right = self.settled(left, right), self.settled(right, left)
        plain = (NUMBER, PLAIN)
        turned = right.sort == ROW and left.sort == PLAIN and "\\" not in self.source
        if (
            not turned
            and left.sort in plain
            and (right.sort in plain or left.sort == NUMBER or self.scalar(left))
        ):
            return "", _joined([left.sort, right.sort])
        if right.sort == NUMBER:
            return "", left.sort
        if turned:
            return "outer", MATRIX  # δ xᵀ: should δ be a number, the shapes say so before anything runs
        if PLAIN in (left.sort, right.sort):
            self.say.array_or_number(left, right)
        if (left.sort, right.sort) not in SIDE_BY_SIDE:
            self.say.no_product(left, right)
        return SIDE_BY_SIDE[left.sort, right.sort]

    def settled(self, factor: Factor, other: Factor) -> Factor:
        """A letter beside an array, where no letter of the formula is bold: its case tells what it is.

        To take it for an array is safe: should it be a number, the shapes say so before anything runs.
        """
        token = self.tokens[factor.first]
        if self.bold or factor.sort != PLAIN or other.sort in (NUMBER, PLAIN):
            return factor
        if token.kind == "(" and factor.last == factor.first + 2:
            token = self.tokens[factor.first + 1]
        if token.kind == "(" and factor.first > other.first:
            return factor._replace(sort=COLUMN)
        if token.kind != "name":
            return factor
        if token.text[0].isupper():
            return factor._replace(sort=MATRIX)
        if not token.text[0].isascii() and "\\" in self.source:
            return factor
        return factor._replace(sort=COLUMN) if factor.first > other.first else factor

    def scalar(self, left: Factor) -> bool:
        """A factor in front of an array that the page shows to be a number: not bold, or Greek."""
        return self.bold or not self.tokens[left.first].text[0].isascii()

    # -- writing ------------------------------------------------------------

    def token(self, kind: str, text: str, at: int) -> Token:
        start = self.tokens[at].span.start
        return Token(kind, text, Span(start, start + 1))

    def wrap(self, first: int, last: int, func: str = "") -> None:
        """Brackets round the tokens from ``first`` to ``last``, outside those that stand there already."""
        opening = [self.token("name", func, first)] if func else []
        opening.append(self.token("(", "(", first))
        self.opening[first] = opening + self.opening.get(first, [])
        end = self.tokens[last].span.end
        self.closing.setdefault(last, []).append(Token(")", ")", Span(end - 1, end)))

    def written(self) -> list[Token]:
        found: list[Token] = []
        for at, token in enumerate(self.tokens):
            if at in self.infix:
                found.append(self.infix[at])
            found += self.opening.get(at, ())
            found.append(token)
            found += self.closing.get(at, ())
        return found


def _joined(sorts: list[str]) -> str:
    """What values of these sorts are entry by entry."""
    return next((sort for sort in _ORDER if sort in sorts), NUMBER)
