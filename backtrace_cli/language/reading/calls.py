"""Names in an expression: variables, functions and methods, as this language or a library spells them."""

from __future__ import annotations

from backtrace_cli.base.caret import Span
from backtrace_cli.language.notation.libraries import (
    DIFFERING,
    ELSEWHERE,
    IDLE_OPTIONS,
    LIBRARY_CONSTANTS,
    METHODS,
    MODULES,
    OPTIONS,
    REWRITTEN,
    spelled_plainly,
)
from backtrace_cli.language.reading.brackets import with_options
from backtrace_cli.language.reading.complaints import WORDS
from backtrace_cli.language.reading.stacks import ROOT_LEVEL, Pending, Stacks
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tokens.odd_characters import stranger
from backtrace_cli.language.tree.syntax import (
    ARGUMENTS,
    KEYWORDS,
    LIBRARY_NAMES,
    Call,
    Expr,
    Name,
    Number,
    number,
)

__all__ = ["Calls"]


class Calls(Stacks):
    """What a name stands for, and what is called by it."""

    def name(self, token: Token) -> bool:
        """A name: a function to be called, or a variable."""
        name, following = token.text, self.tokens[self.at]
        if following.kind == "=" and self.open and (option := self.option(name)):
            self.at += 1
            self.pending.append(Pending("prefix", "=" + option, 0, token))
            return True
        library = ""
        if following.kind == "." and name in MODULES and name not in self.bound:
            library = MODULES[name]
            token = self.in_library(token)
            name, following = token.text, self.tokens[self.at]
        callable_ = name in self.functions or name in self.own
        if name in WORDS and name not in self.bound:
            self.word(token)
        if following.kind == "(":
            func = self.function(name, library) if name not in self.variables or callable_ else ""
            if func:
                if (library, name) in ELSEWHERE:
                    here = f"; of probabilities it is {name}" if name in self.functions else ""
                    self.note(f"{library}'s {name} takes scores: it is read as {func}{here}", token.span)
                self.at += 1
                return self.call(func, token, following.span, len(self.operands), library)
            if name not in self.variables:
                return self.odd_call(token, following)
        elif callable_ and name not in self.bound and not library:
            self.without_brackets(token, following)
        elif library:
            if name not in LIBRARY_CONSTANTS:
                self.no_constant(token, name)
            self.operands.append(Name(LIBRARY_CONSTANTS[name], token.span))
            return False
        self.operands.append(Name(name, token.span))
        return False

    def call(self, func: str, token: Token, opening: Span, base: int, library: str) -> bool:
        """Open the bracket of a call; one with nothing in it, as in x.sum(), is closed at once."""
        if base < len(self.operands) and self.tokens[self.at].kind == ")":
            closing = self.tokens[self.at]
            self.at += 1
            span = Span(token.span.start, closing.span.end)
            args = tuple(self.operands[base:])
            del self.operands[base:]
            self.operands.append(self.made(func, args, span, library))
            return False
        self.bracket("(", func, token, opening, base)
        if library:
            self.libraries[opening.start] = library
        return True

    def option(self, name: str) -> str:
        """What the option ``name`` of the function at hand is called here; "" where it has none such."""
        called = self.called()
        meant = OPTIONS.get(name, name)
        known = (*KEYWORDS.get(called, ()), *ARGUMENTS.get(called, ()))
        found = next((each for each in (name, meant) if each in known), "")
        return found or (
            "~" if name in IDLE_OPTIONS and (called in self.functions or called in REWRITTEN) else ""
        )

    def function(self, name: str, library: str = "") -> str:
        """The function that ``name`` means, also where others spell it otherwise; "" for none."""
        if (library, name) in ELSEWHERE:
            return ELSEWHERE[library, name]
        if name in self.functions or name in self.own:
            return name
        if name in LIBRARY_NAMES and LIBRARY_NAMES[name] in self.functions:
            return LIBRARY_NAMES[name]
        if name in REWRITTEN:
            return name
        if len(name) > 1 and not name.islower() and (plain := spelled_plainly(name, self.functions)):
            return plain
        if self.defined_later(name):
            self.own.add(name)
            self.early.add(name)
            return name
        return ""

    def odd_call(self, token: Token, following: Token) -> bool:
        """``log_2(x)``, and ``xsin(x)`` where x is a variable: what has one meaning is read."""
        name = token.text
        if name[:4] == "log_" and name[4:].isalnum() and "log" in self.functions:
            base: Expr = (Number if name[4:].isdecimal() else Name)(name[4:], token.span)
            self.bases[following.span.start] = base
            self.at += 1
            self.bracket("(", "log", token, following.span, len(self.operands))
            return True
        cut = next((i for i in range(1, len(name) - 1) if name[i:] in self.functions), 0)
        if cut and name[:cut] in self.variables and name[:cut] != "d":
            middle = token.span.end - len(name) + cut
            front, back = Span(token.span.start, middle), Span(middle, token.span.end)
            self.operands.append(Name(name[:cut], front))
            self.juxtapose(token)
            self.at += 1
            self.bracket("(", name[cut:], Token("name", name[cut:], back), following.span, len(self.operands))
            self.note(f"{name}(…) is read as {name[:cut]}·{name[cut:]}(…)", token.span)
            return True
        self.unknown_function(token)

    def made(self, func: str, args: tuple[Expr, ...], span: Span, library: str) -> Expr:
        """The call of ``func``, all in its place, with a note where libraries differ."""
        if func in REWRITTEN and func not in self.functions:
            return self.rewritten(func, args, span)
        made = with_options(func, args, span)
        if func in DIFFERING and not any(name in DIFFERING[func].options for name, _ in made.options):
            made, message = DIFFERING[func].settled(made, library)
            if message:
                self.note(message, span)
        return made

    def rewritten(self, func: str, args: tuple[Expr, ...], span: Span) -> Expr:
        """A function of another library, written with those of this language."""
        args = tuple(arg for arg in args if not (isinstance(arg, Call) and arg.func.startswith("=")))
        to, more = REWRITTEN[func]
        if not args:
            self.fail(f"{func} is taken of something", span, f"write {func}(x)")
        if not to:
            return args[0]
        return Call(to, (*args[:1], *map(number, more), *args[1:]), span)

    def attribute(self, token: Token) -> bool:
        """``x.sum(axis=0)`` is sum(x, axis=0); x.shape[0] is size(x, axis=0)."""
        name = self.tokens[self.at]
        self.reduce(ROOT_LEVEL)
        value = self.operands[-1]
        following = self.tokens[self.at + 1]
        base = len(self.operands) - 1
        if following.kind == "(" and (func := METHODS.get(name.text) or self.function(name.text)):
            self.at += 2
            opened = name._replace(span=Span(value.span[0], name.span.end))
            return self.call(func, opened, following.span, base, "method")
        if name.text == "shape" and following.kind == "[" and self.tokens[self.at + 2].kind == "number":
            axis, past = self.tokens[self.at + 2], self.tokens[self.at + 3]
            if past.kind == "]":
                self.at += 4
                span = Span(value.span[0], past.span.end)
                self.operands[-1] = Call("size", (value,), span, (("axis", axis.text),))
                return False
        if name.text in ("mT", "size") and following.kind != "(":
            self.at += 1
            self.operands[-1] = Call(name.text, (value,), Span(value.span[0], name.span.end))
            return False
        if following.kind == "(" or name.text in self.functions:
            self.unknown_method(value, name, following)
        raise stranger(self.source, token.span.start)

    def in_library(self, token: Token) -> Token:
        """``np.linalg.norm`` as the name norm; the token of that name."""
        while self.tokens[self.at].kind == "." and self.tokens[self.at + 1].kind == "name":
            last = self.tokens[self.at + 1]
            self.at += 2
            if last.text not in MODULES:
                break
        if self.tokens[self.at - 1].text in MODULES:
            raise stranger(self.source, self.tokens[self.at - 2].span.start)
        return last._replace(span=Span(token.span.start, last.span.end))
