r"""Indices in LaTeX: ``W^T``, ``W^{[1]}``, ``h_{t-1}``, and the entries that ``\sum_i x_i`` runs through."""

from __future__ import annotations

from collections.abc import Collection

from backtrace_cli.base.caret import Span
from backtrace_cli.language.latex.commands import MARKS
from backtrace_cli.language.latex.complaints.matrix_complaints import ArrayComplaints
from backtrace_cli.language.latex.stack import ENDS_VALUE, Frame, Stack
from backtrace_cli.language.notation.products import BOLD
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["Indices"]

_COMPARED = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
_ENDS_SUM = frozenset({"end", "close", "}", ";", ",", "=", "&", "row", "endmatrix"})
_LOOK_BACK = 200


class Indices(Stack):
    """The part of the translation that is about what stands above and below a letter."""

    def __init__(
        self, source: str, lexemes: list[Token], partners: dict[int, int], functions: Collection[str]
    ) -> None:
        super().__init__(source, lexemes, partners, functions)
        self.arrays = ArrayComplaints(source, lexemes, partners, functions)
        self.lists: dict[int, str] = {}
        """What the matrix is whose ``[`` stands there among the tokens."""
        self.inner: set[int] = set()
        """Which ``@`` among the tokens come from an inner product."""
        self.skips: dict[int, int] = {}
        """Lexemes that are read already, and where to go on behind them."""
        self.summed: dict[str, Token] = {}
        """The arrays whose entries a sum runs over."""
        self.entry_starts: set[int] = set()
        """Where the names begin that are written without their index."""
        self.counters: dict[str, Token] = {}
        """The letters that count the entries in a sum."""
        self.variable_t: bool | None = None
        self.layered = -1
        """How long ``out`` was when the last index of a layer ended."""
        self.counted: dict[str, Token] = {}
        """The upper bounds of sums over all entries: how many entries there are."""
        self.entries_from: int | None = None

    # -- matrices -----------------------------------------------------------

    def take(self, lexeme: Token) -> Token:
        """The first character of a word or number, all that TeX takes; the rest is yet to be read."""
        start, end = lexeme.span
        if len(lexeme.text) > 1:
            self.at -= 1
            self.lexemes[self.at] = Token(lexeme.kind, lexeme.text[1:], Span(start + 1, end))
        return Token(lexeme.kind, lexeme.text[0], Span(start, start + 1))

    def ended(self) -> bool:
        """Has a value just ended?"""
        return bool(self.out) and self.out[-1].kind in ENDS_VALUE

    def transposes(self, base: Token, exponent: Token) -> bool:
        r"""Is this ``^T`` the transpose? Not of a number, nor where T is a variable of the formula."""
        given = "T" in self.bound or self.has_variable_t()
        if (exponent.kind, exponent.text) != ("word", "T") or base.text in ("e", "T") or given:
            return False
        if base.kind == "name":
            if not BOLD.match(self.source, base.span.start):
                shown = self.say.text(Span(base.span.start, exponent.span.end))
                self.note(f"{shown} is read as the transpose, as T has no value", base.span)
            return True
        inside = self.out[max(self.pairs.get(len(self.out) - 1, len(self.out)), len(self.out) - _LOOK_BACK) :]
        if any(each.kind in (".T", "[") or BOLD.match(self.source, each.span.start) for each in inside):
            return True
        if base.kind == "number" or any(each.kind == "number" for each in inside):
            return False
        named = any(each.kind == "name" for each in inside)
        if named:
            self.note("(…)^T is read as the transpose, as T has no value", exponent.span)
        return named

    def has_variable_t(self) -> bool:
        """Does a T stand anywhere but alone in an exponent, or in the exponent of a number, as (1 + r)^T?"""
        if self.variable_t is None:
            self.variable_t = False
            for at, lexeme in enumerate(self.lexemes):
                if lexeme.kind not in ("word", "name") or "T" not in lexeme.text:
                    continue
                sign = at - 1 - (at > 1 and self.lexemes[at - 1].kind == "{")
                raised = at > 0 and self.lexemes[sign].kind == "^"
                self.variable_t |= len(lexeme.text) > 1 or not raised or self.is_number(sign - 1)
        return self.variable_t

    def is_number(self, at: int) -> bool:
        """Is what ends at ``at`` surely a number: a literal, e, or a bracket that holds a literal?"""
        last = self.lexemes[at]
        if last.kind != "close":
            return last.kind == "number" or last.text == "e"
        depth = 0
        for place in range(at, max(-1, at - _LOOK_BACK), -1):
            kind = self.lexemes[place].kind
            depth += (kind == "close") - (kind == "open")
            if kind == "number" and self.lexemes[place - 1].kind != "_":
                return True
            if not depth:
                break
        return False

    def layer(self, base: Token) -> bool:
        """``W^{[1]}`` and ``h^{(l-1)}``: an index in brackets above numbers a layer; is it read as such?"""
        end = self.partners[self.at]
        inside = self.lexemes[self.at + 1 : end]
        if len(inside) < 3 or (inside[0].kind, inside[-1].kind) != ("open", "close"):
            return False
        if inside[0].text not in ("(", "[") or self.lexemes[end + 1].kind == "open":
            return False
        parts = inside[1:-1]
        index = (
            parts[0].text if len(parts) == 1 and parts[0].kind in ("number", "word") else self.shifted(parts)
        )
        if not index or (parts[0].kind == "word" and len(parts[0].text) > 1):
            return False
        stem = base.text.rstrip("0123456789")
        lower = base.text[len(stem) :]
        link = "" if index[0].isdecimal() else "_"
        name = f"{stem.rstrip('_')}{link}{index}" + (f"_{lower}" if lower else "")
        span = Span(base.span.start, self.lexemes[end].span.end)
        if inside[0].text == "(":
            self.note(f"{self.say.text(span)} is read as the name {name}, not as a power", span)
        self.out[-1] = Token("name", name, span)
        self.layered = len(self.out)
        self.at = end + 1
        return True

    def total(self, lexeme: Token) -> None:
        r"""``\sum_i w_i x_i``, which can only mean the sum over all entries of w·x."""
        counter, past = self.arrays.counter(lexeme, self.at)
        last = self.lexemes[past - 1]
        self.at = past
        if len(counter) < len(last.text):  # \sum_ix_i: the rest of the word is yet to be read
            self.take(last)
        for letter in counter:
            self.counters[letter] = lexeme
        self.emit("name", lexeme.text, lexeme.span)
        self.emit("(", "(", lexeme.span)
        self.frames.append(Frame("sum", lexeme, len(self.out), counter))

    def end_sums(self, lexeme: Token) -> None:
        """Close the sums that end in front of ``lexeme``: a sum goes on to the next + or −."""
        while self.frames and self.frames[-1].sort == "sum" and self.ends_sum(lexeme):
            frame = self.frames.pop()
            self.entries(frame)
            end = self.out[-1].span.end
            self.shut(frame.start - 1, Span(end - 1, end))
            self.at -= lexeme.kind != "end"  # what is done next looks at what follows the sum
            self.done()
            self.at += lexeme.kind != "end"

    def ends_sum(self, lexeme: Token) -> bool:
        frame, kind = self.frames[-1], lexeme.kind
        if kind in _ENDS_SUM:
            return True
        if not self.ended():
            return False
        if kind == "bar" and not sum(token.kind == "|" for token in self.out[frame.start :]) % 2:
            self.arrays.bar_at_sum(lexeme)
        beneath = self.frames[-2].sort if len(self.frames) > 1 else ""
        if kind == "norm" and beneath == "norm":
            return True
        return kind in ("plus", "minus") or (kind == "op" and lexeme.text in _COMPARED)

    def entries(self, frame: Frame) -> None:
        """Write the names that the sum counts through without their index."""
        counter, stems, whole = frame.role, set[str](), dict[str, Token]()
        for at in range(frame.start, len(self.out)):
            token = self.out[at]
            called = token.text in self.functions and [one.kind for one in self.out[at + 1 : at + 2]] == ["("]
            if token.kind != "name" or called:
                continue
            stem, _, index = token.text.rpartition("_")
            plain = index.replace("_", "") if stem else ""
            bold = BOLD.match(self.source, token.span.start)
            if plain == counter and not bold:
                stems.add(stem)
                self.entry_starts.add(token.span.start)
                self.summed.setdefault(stem, token)
                self.out[at] = token._replace(text=stem)
            elif bold or token.text in counter or set(plain) & set(counter):
                self.arrays.not_by_entries(frame.opened, token, counter)
            elif token.span.start not in self.entry_starts:
                whole[token.text] = token
        if not stems:
            self.arrays.nothing_counted(frame.opened, counter)
        for stem in stems & whole.keys():
            self.arrays.entry_and_whole(self.summed[stem], whole[stem])

    def check_entries(self) -> None:
        """Outside its sum an entry would be a variable of its own; the page says it is not."""
        if not self.summed:
            return
        for at, token in reversed(list(enumerate(self.out))):
            if token.kind != "name":
                continue
            stem, _, index = token.text.rpartition("_")
            for letter in index if stem and index not in MARKS.values() else "":
                if letter in self.counters:
                    self.arrays.counted_outside(token, self.counters[letter], letter)
            stem = stem or token.text.rstrip("0123456789")
            if stem != token.text and stem in self.summed and index not in MARKS.values():
                self.entry(at, token, stem)

    def entry(self, at: int, token: Token, stem: str) -> None:
        """``z_1`` beside a sum over z is an entry of z, and ``z_i`` each of them."""
        index = token.text[len(stem) :].lstrip("_")
        if token.text in self.bound or f"{stem}_{index}" in self.bound:
            self.arrays.entry_outside(token, stem, self.summed[stem])
        shown = self.say.text(token.span)
        if index.isdecimal():
            if self.entries_from is None:
                self.entries_from = (
                    0 if any(each.text in (f"{stem}0", f"{stem}_0") for each in self.out) else 1
                )
            place = int(index) - self.entries_from
            self.note(
                f"{shown} is read as an entry, {stem}[{place}], as a sum runs through {stem}", token.span
            )
            signs = (("name", stem), ("[", "["), ("number", str(place)), ("]", "]"))
            self.out[at : at + 1] = [Token(*sign, token.span) for sign in signs]
        elif len(index) == 1 and index not in self.bound:
            self.note(f"{shown} outside its sum is read as every entry of {stem} at once", token.span)
            self.out[at] = token._replace(text=stem)
        else:
            self.arrays.entry_outside(token, stem, self.summed[stem])

    def counts(self) -> list[Token]:
        """``N = size(y)``, for each N up to which a sum goes over all entries of y."""
        found: list[Token] = []
        if not self.summed:
            return found
        first = next(iter(self.summed))
        for name, token in self.counted.items():
            if any(each.kind == "name" and each.text == name for each in self.out):
                self.note(f"{name} is read as the number of entries of {first}", token.span)
                signs = (
                    ("name", name),
                    ("=", "="),
                    ("name", "size"),
                    ("(", "("),
                    ("name", first),
                    (")", ")"),
                )
                found += [Token(*sign, token.span) for sign in (*signs, (";", ";"))]
        return found

    def shifted(self, parts: list[Token]) -> str:
        """The index of h_{t-1}, as a part of the name h_tm1; "" where nothing is added in it."""
        kinds = [part.kind for part in parts]
        if kinds not in (["word", "minus", "number"], ["word", "plus", "number"]):
            return ""
        text = f"{parts[0].text}{'m' if kinds[1] == 'minus' else 'p'}{parts[2].text}"
        return text if parts[2].text.isdecimal() else ""

    def raised_function(self, lexeme: Token) -> None:
        r"""The power of \sin^{2} x, which stands behind the call; the function's argument is yet to come."""
        past = self.say.past_exponent(self.at)
        raised = [each for each in self.lexemes[self.at + 1 : past] if each.kind not in ("{", "}")]
        plain = [each.kind for each in raised[-1:]] in (["number"], ["word"]) and len(raised[-1].text) == 1
        signed = len(raised) == 2 and raised[0].kind == "minus"
        several = len(raised) == 1 and raised[0].kind == "number" and self.lexemes[self.at + 1].kind == "{"
        if not ((plain and (len(raised) == 1 or signed)) or several):
            self.say.power_behind_function(lexeme, self.at)
        self.emit("op", "power", self.lexemes[self.at].span)
        for each in raised:
            self.out.append(each._replace(kind="name") if each.kind == "word" else each)
        self.at = past
