"""What an op declares: one literal holds its forward function, its partials, its domain, its kinks.

Partials, messages, domains and kinks are text in backtrace's own formula language
over the op's arguments and its output ``out`` (a message also over the upstream
gradient ``g``). The text is parsed once; the same tree is printed, evaluated and
differentiated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backtrace_cli.ops.declaration import Declared, Domain, Kink, Rule, Sample, Shape
from backtrace_cli.ops.nothing import (
    ADDED,
    AVERAGED,
    CHOSEN,
    COUNT,
    COUNTED,
    ENTRIES,
    EVERYWHERE,
    MOVED,
    Nothing,
)

__all__ = ["Domain", "Kink", "Op", "Sample", "Shape", "fixed", "fixed_text"]

_WORDS = {"none": None, "true": True, "false": False}


def fixed(text: str) -> Any:
    """The value of an option's text: a whole number, a list of them, a word; raises ValueError.

    >>> fixed("-1"), fixed("[2, 3]"), fixed("none"), fixed("0.5")
    (-1, (2, 3), None, 0.5)
    """
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text[:1] in "[(" and text[-1:] in ")]":
        return tuple(fixed(part) for part in text[1:-1].split(",") if part.strip())
    if text.isidentifier():
        return text
    try:
        return int(text)
    except ValueError:
        return float(text)


def fixed_text(value: Any) -> str:
    """The text of an option's value, as a formula writes it.

    >>> fixed_text((2, 3)), fixed_text(None)
    ('[2, 3]', 'none')
    """
    if isinstance(value, tuple):
        return "[" + ", ".join(map(fixed_text, value)) + "]"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


class Op(Declared):
    """One box of the graph, declared once.

    ``args`` names the arguments, separated by spaces; ``b=1`` gives a default,
    ``*a`` takes any number of them, ``**a`` two or more. ``float`` is the forward
    function over Python floats, which never raises; ``numpy`` the same over arrays
    (an attribute of numpy by name, or a function, called with the arguments and then
    the options); ``fraction`` the exact one, where there is one. An elementwise op
    gives ``partials``, one text an argument; an op that mixes entries gives
    ``messages`` instead, over ``g``, ``tangents``, over ``d``, and ``entries``. In a variadic op's
    text ``{a}`` is the argument at hand, ``{i}`` its number and ``{all}`` all of them.
    ``stable`` says the same as the rules in a form that keeps its digits in floating
    point.

    Raises ValueError when the declaration contradicts itself.

    >>> import math
    >>> why = "It moves twice as far."
    >>> Op("double", "a", "twice a", float=math.fabs, partials=("2",), samples=((1.0,),), why=why).arity
    1
    """

    __slots__ = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Op:
        """Make the declaration, and refuse one that contradicts itself."""
        self = super().__new__(cls, *args, **kwargs)
        self._refuse_nonsense()
        return self

    # An op is itself: tuples of functions are not compared, and not hashed field by field.
    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def _refuse_nonsense(self) -> None:
        for words in self._nonsense():
            raise ValueError(f"{self.name}: {words}")

    def _nonsense(self) -> Iterator[str]:
        """What contradicts itself in the declaration, in words: it is asked for every op at every start."""
        rules, count = self.partials or self.messages, len(self.arg_names)
        if count and not rules or self.partials and self.messages:
            yield "give partials or messages, one of the two"
        if len(rules) != count:
            yield f"{count} arguments, {len(rules)} rules"
        if self.stable and len(self.stable) != count:
            yield "stable and partials differ in number"
        if self.steady and len(self.steady) != len(self.tangents):
            yield "steady and tangents differ in number"
        if not self.samples:
            yield "no sample points"
        if not self.why.endswith(".") and not (self.internal and self.spelled):
            yield "say by why= why its rule is as it is, in a sentence"
        if bool(self.domain) != bool(self.refuses):
            yield "a domain and points it refuses go together"
        if self.kinks and not all(kink.taken for kink in self.kinks):
            yield "a kink without the value taken there"
        if not (self.entries or self.messages or self.float):
            yield "an elementwise op has a function over floats"
        if None in rules or None in self.tangents:
            yield "a rule is missing: write it, or COUNT, SHAPE or FLAT where nothing is sent"
        if self.logarithm is None and self.called.startswith("log"):
            yield "say by logarithm= whether its value is a logarithm"
        functions = (self.float, self.numpy, self.shape, self.upstream, self.ranks, self.cost)
        if any(getattr(function, "__name__", "") == "<lambda>" for function in functions if function):
            yield "forward functions have names"
        if self.partials and self.entries:
            yield "entries= is for messages"
        if self.messages:
            yield from self._nonsense_of_entries()

    def _nonsense_of_entries(self) -> Iterator[str]:
        """What contradicts itself in an op that mixes entries."""
        silent = [rule if isinstance(rule, Nothing) else None for rule in self.messages]
        if not (self.shape and self.numpy):
            yield "an op that mixes entries gives its shape and a NumPy function"
        if len(self.tangents) != len(silent):
            yield "messages and tangents differ in number"
        if silent != [rule if isinstance(rule, Nothing) else None for rule in self.tangents]:
            yield "a message and its tangent are sent or not sent together"
        if self.entries not in ENTRIES:
            told = "; ".join(f"{word} ({meaning})" for word, meaning in ENTRIES.items())
            yield f"say by entries= what becomes of the entries: {told}"
        if (self.entries == COUNTED) == (None in silent):
            yield f"entries are {COUNTED} exactly where nothing is sent"
        if self.entries in (MOVED, ADDED, AVERAGED) and any(
            "out" in rule and re.search(r"\bout\b", rule) for rule in self.tangents if isinstance(rule, str)
        ):
            yield f"a tangent of an op whose entries are {self.entries} doesn't depend on its output"
        if self.entries == CHOSEN and not self.kinks:
            yield f"an op whose entries are {CHOSEN} says what is taken where they tie"

    @property
    def arg_names(self) -> tuple[str, ...]:
        """The arguments' names, without defaults and stars."""
        return tuple(arg.lstrip("*").partition("=")[0] for arg in self.args.split())

    @property
    def variadic(self) -> bool:
        """Does it take any number of arguments?"""
        return self.args.startswith("*")

    @property
    def defaults(self) -> tuple[str, ...]:
        """The literals that stand for missing last arguments."""
        return tuple(arg.partition("=")[2] for arg in self.args.split() if "=" in arg)

    @property
    def option_names(self) -> tuple[str, ...]:
        """The names of what is fixed before anything runs."""
        return tuple(part.lstrip("*").partition("=")[0] for part in self.options.split())

    @property
    def option_defaults(self) -> tuple[Any, ...]:
        """The options' values where the formula leaves them out; () where it must not."""
        return tuple(fixed(part.partition("=")[2]) if "=" in part else () for part in self.options.split())

    @property
    def mixes(self) -> bool:
        """Does an entry of the output depend on other entries than its own? Then it works on arrays."""
        return bool(self.entries)

    @property
    def arity(self) -> int:
        """How many arguments it takes (1 or more where variadic)."""
        return len(self.arg_names)

    @property
    def yielding(self) -> frozenset[str]:
        """The names that give way to what the formula itself calls so."""
        names = (self.name, *self.aliases) if self.yields == "*" else self.yields.split()
        return frozenset(names)

    @property
    def written(self) -> str:
        """The name as people write it: ``σ`` for sigmoid."""
        return self.pretty or self.called

    @property
    def called(self) -> str:
        """The name under which formulas write it."""
        return self.spelled or self.name

    def accepts(self, count: int) -> bool:
        """Can it be called with ``count`` arguments (options by position among them)?"""
        if self.variadic:
            return count >= (2 if self.args.startswith("**") else 1)
        least = self.arity - len(self.defaults)
        if self.options.startswith("*"):  # by position any number of them, by keyword none
            return count >= least
        return least <= count <= self.arity + len(self.option_names)

    @property
    def flat(self) -> bool:
        """Is its slope 0 wherever it has one?"""
        return set(self.partials) == {"0"}

    @property
    def stops(self) -> bool:
        """Does it pass no gradient though its value moves?"""
        return any(kink.when == EVERYWHERE for kink in self.kinks)

    @property
    def averages(self) -> bool:
        """Does it divide by how many entries there are?"""
        counts = self.upstream is not None and self.upstream("n", *self.option_defaults) == "size(a)"
        return self.entries == AVERAGED or counts

    def rule_text(self, slot: int, count: int, *, stable: bool = False, fixed: tuple[Any, ...] = ()) -> str:
        """The partial (or message) for argument ``slot`` of ``count``, as text; "0" where none is sent."""
        rules = self.partials or self.messages
        index = 0 if self.variadic else slot
        text: Rule = rules[index]
        if stable and self.stable:
            text = self.stable[index] or text
        return self.fill(self._made(text, slot, count, fixed), slot, count, fixed)

    def tangent_text(
        self, slot: int, count: int, fixed: tuple[Any, ...] = (), *, stable: bool = False
    ) -> str:
        """How the output moves with a tangent ``d`` of argument ``slot``; "0" where it doesn't."""
        index = 0 if self.variadic else slot
        rule = (self.steady[index] if stable and self.steady else None) or self.tangents[index]
        return self.fill(self._made(rule, slot, count, fixed), slot, count, fixed)

    def _made(self, rule: Rule, slot: int, count: int, fixed: tuple[Any, ...]) -> str:
        if callable(rule):
            rule = rule(slot, self.params(count), fixed or self.option_defaults)
        return "0" if isinstance(rule, Nothing) else rule

    def fill(self, text: str, slot: int, count: int, fixed: tuple[Any, ...] = ()) -> str:
        """``text`` with what depends on the options and on a variadic op's arguments written out."""
        if self.upstream:
            for sign in ("g", "out", "n"):
                if f"{{{sign}}}" in text:
                    text = text.replace(f"{{{sign}}}", self.upstream(sign, *(fixed or self.option_defaults)))
        if not self.variadic:
            return text
        names = self.params(count)
        if count == 2:
            text = text.replace("{other}", names[1 - slot])
        moved = [f"zeros_like({name})" for name in names]
        moved[slot] = "d"
        for sign, words in (("all", ", ".join(names)), ("moved", ", ".join(moved)), ("i", str(slot))):
            text = text.replace(f"{{{sign}}}", words)
        return text.replace("{a}", f"a{slot + 1}")

    def silent(self, slot: int) -> Nothing | None:
        """Why argument ``slot`` is sent no message at all, as a class index is; None where it is sent one."""
        rule: Rule = (self.partials or self.messages)[0 if self.variadic else slot]
        if callable(rule):
            rule = rule(slot, self.params(slot + 1), self.option_defaults)
        return rule if isinstance(rule, Nothing) else None

    @property
    def counts(self) -> bool:
        """Is an argument of this elementwise op a whole number, such as the order of a polygamma?"""
        return COUNT in self.partials

    def sends(self, slot: int) -> bool:
        """Is argument ``slot`` sent messages at all? A class index is not."""
        return self.silent(slot) is None

    def params(self, count: int) -> tuple[str, ...]:
        """The names that a rule's text uses for ``count`` arguments."""
        if self.variadic:
            return tuple(f"a{index + 1}" for index in range(count))
        return self.arg_names
