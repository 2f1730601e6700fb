"""What an op declares: one literal holds its forward function, its partials, its domain, its kinks.

Partials, messages, domains and kinks are text in backtrace's own formula language
over the op's arguments and its output ``out`` (a message also over the upstream
gradient ``g``). The text is parsed once; the same tree is printed, evaluated and
differentiated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from backtrace_cli.ops.nothing import ADDED, AVERAGED, CHOSEN, COUNTED, ENTRIES, MOVED, Nothing

__all__ = ["Domain", "Kink", "Op", "Sample", "fixed", "fixed_text"]

#: A point at which the tests exercise an op: one number an argument (of an array op a shape).
Sample = tuple[Any, ...]
#: The sizes of an array, () for a number.
Shape = tuple[int, ...]
#: How large a number may be; None where it doesn't matter.
Size: TypeAlias = float | None
#: One argument's rule: text; why there is none; or, of a variadic op whose arguments play several parts,
#: what makes one of them, from (slot, the arguments' names, the options).
Rule: TypeAlias = "str | Nothing | Callable[[int, tuple[str, ...], tuple[Any, ...]], str | Nothing]"

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


class Domain(NamedTuple):
    """Where an op has a value."""

    holds: str
    """A condition in the formula language, true inside the domain."""
    words: str
    """How the error says it: ``log needs …``."""


class Kink(NamedTuple):
    """A place where the partial's text is not the derivative, and what is taken there."""

    when: str
    """A condition in the formula language, true at the kink."""
    taken: tuple[str | None, ...]
    """The value taken, one text an argument (the last one repeats); None leaves the partial."""
    words: str
    """What the note says, after the op and the place."""
    slopes: tuple[str, str] | None = None
    """The slopes on either side, as text, where there are two."""
    kind: str = "kink"
    """``kink``; ``jump`` where the value itself jumps; ``undefined`` where no value can be
    taken; ``limit`` where the text can't be evaluated but the derivative exists (no note)."""


class _Declared(NamedTuple):
    """The fields of an Op; see there. A named tuple: defining a dataclass of this size costs start-up."""

    name: str
    args: str
    doc: str
    float: Callable[..., float] | None = None
    partials: tuple[str, ...] = ()
    messages: tuple[Rule, ...] = ()
    """Text over ``g``; COUNT, SHAPE or FLAT for an argument that is sent nothing, such as a class index."""
    tangents: tuple[Rule, ...] = ()
    """With ``messages``: how a tangent ``d`` of each argument moves the output."""
    entries: str = ""
    """With ``messages``: what becomes of the entries, a key of ENTRIES."""
    options: str = ""
    """What is fixed before anything runs: ``axis=none keepdims=false``; ``*shape`` takes the rest."""
    by_name: tuple[str, str] | None = None
    """Options go by their names, as NumPy takes another one by position: what it is, and how to write it."""
    shape: Callable[..., Shape] | None = None
    """The output's shape from the arguments' shapes and the options; ShapeError where they don't fit."""
    upstream: Callable[..., str] | None = None
    """What ``{g}`` (or ``{n}``) stands for in the texts, from the options."""
    ranks: Callable[..., str] | None = None
    """The name of the op to use instead for arguments of these shapes, such as matrix times vector."""
    cost: Callable[..., int] | None = None
    """Multiply-adds, from the output's and the arguments' shapes; one an entry where it is None."""
    spelled: str | None = None
    """The function or operator under which formulas write it, where that is not its name."""
    stable: tuple[str | None, ...] = ()
    numpy: str | Callable[..., Any] | None = None
    fraction: Callable[..., Any] | None = None
    aliases: tuple[str, ...] = ()
    pretty: str | None = None
    """How people write its name, where that is not ASCII or not its own."""
    typed: str | None = None
    """How it is typed in plain ASCII, where that is not its own name."""
    domain: Domain | None = None
    kinks: tuple[Kink, ...] = ()
    remark: str | None = None
    """Said whenever the op is used, such as that no gradient passes it."""
    selects: bool = False
    """An argument whose partial is 0 was not taken: it is sent no message at all."""
    internal: bool = False
    """Only declarations may use it."""
    logarithm: bool | None = None
    """Is its value a logarithm, so that what it is weighed with is a distribution?"""
    needs: tuple[str, ...] = ()
    """What its arguments have to be, one word each: ``shares``, ``target``, ``mask``, or nothing."""
    lists: bool = False
    """It takes one list as it takes the values in it: ``concat([a, b])``."""
    sympy: str | None = None
    """The function of sympy that means the same for every real argument where both have a value."""
    reach: Size = None
    """A larger argument leaves it next to no slope, or makes a number that nobody writes down."""
    spread: Size = None
    """The same for how far apart its entries are; where they are all equal, its value says nothing."""
    integral: str | None = None
    """Its antiderivative, as text."""
    mistaken: tuple[tuple[str, str], ...] = ()
    """(text, words): rules that people take for its derivative."""
    samples: tuple[Sample, ...] = ()
    refuses: tuple[Sample, ...] = ()


class Op(_Declared):
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
    >>> Op("double", "a", "twice a", float=math.fabs, partials=("2",), samples=((1.0,),)).arity
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
        rules = self.partials or self.messages
        wrong = {
            "give partials or messages, one of the two": not rules or (self.partials and self.messages),
            f"{len(self.arg_names)} arguments, {len(rules)} rules": len(rules) != len(self.arg_names),
            "stable and partials differ in number": self.stable and len(self.stable) != len(rules),
            "no sample points": not self.samples,
            "a domain and points it refuses go together": bool(self.domain) != bool(self.refuses),
            "a kink without the value taken there": any(not kink.taken for kink in self.kinks),
            "an elementwise op has a function over floats": not self.messages and self.float is None,
            "a rule is missing: write it, or COUNT, SHAPE or FLAT where nothing is sent": None in (
                *self.partials, *self.messages, *self.tangents
            ),
            "say by logarithm= whether its value is a logarithm": self.logarithm is None
            and self.called.startswith("log"),
            "forward functions have names": any(
                getattr(function, "__name__", "") == "<lambda>"
                for function in (self.float, self.numpy, self.shape, self.upstream, self.ranks, self.cost)
            ),
            **(self._nonsense_of_entries() if self.messages else {"entries= is for messages": self.entries}),
        }  # fmt: skip
        for words, is_wrong in wrong.items():
            if is_wrong:
                raise ValueError(f"{self.name}: {words}")

    def _nonsense_of_entries(self) -> dict[str, Any]:
        """What may be wrong with an op that mixes entries, in words."""
        told = "; ".join(f"{word} ({meaning})" for word, meaning in ENTRIES.items())
        sent = [rule for rule in self.messages if not isinstance(rule, Nothing)]
        bent = [rule for rule in self.tangents if isinstance(rule, str) and re.search(r"\bout\b", rule)]
        return {
            "an op that mixes entries gives its shape and a NumPy function": not (self.shape and self.numpy),
            "messages and tangents differ in number": len(self.tangents) != len(self.messages),
            "a message and its tangent are sent or not sent together": [
                rule if isinstance(rule, Nothing) else None for rule in self.messages
            ]
            != [rule if isinstance(rule, Nothing) else None for rule in self.tangents],
            f"say by entries= what becomes of the entries: {told}": self.entries not in ENTRIES,
            f"entries are {COUNTED} exactly where nothing is sent": (self.entries == COUNTED) == bool(sent),
            f"a tangent of an op whose entries are {self.entries} doesn't depend on its output": (
                bent and self.entries in (MOVED, ADDED, AVERAGED)
            ),
            f"an op whose entries are {CHOSEN} says what is taken where they tie": (
                self.entries == CHOSEN and not self.kinks
            ),
        }

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
        return bool(self.messages)

    @property
    def arity(self) -> int:
        """How many arguments it takes (1 or more where variadic)."""
        return len(self.arg_names)

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

    def rule_text(self, slot: int, count: int, *, stable: bool = False, fixed: tuple[Any, ...] = ()) -> str:
        """The partial (or message) for argument ``slot`` of ``count``, as text; "0" where none is sent."""
        rules = self.partials or self.messages
        index = 0 if self.variadic else slot
        text: Rule = rules[index]
        if stable and self.stable:
            text = self.stable[index] or text
        return self.fill(self._made(text, slot, count, fixed), slot, count, fixed)

    def tangent_text(self, slot: int, count: int, fixed: tuple[Any, ...] = ()) -> str:
        """How the output moves with a tangent ``d`` of argument ``slot``; "0" where it doesn't."""
        return self.fill(self._made(self.tangents[0 if self.variadic else slot], slot, count, fixed),
                         slot, count, fixed)  # fmt: skip

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
        moved = [f"zeros_like({name})" for name in names]
        moved[slot] = "d"
        for sign, words in (("all", ", ".join(names)), ("moved", ", ".join(moved)), ("i", str(slot))):
            text = text.replace(f"{{{sign}}}", words)
        return text.replace("{a}", f"a{slot + 1}")

    def silent(self, slot: int) -> Nothing | None:
        """Why argument ``slot`` is sent no message at all, as a class index is; None where it is sent one."""
        if not self.messages:
            return None
        rule = self.messages[0 if self.variadic else slot]
        if callable(rule):
            rule = rule(slot, self.params(slot + 1), self.option_defaults)
        return rule if isinstance(rule, Nothing) else None

    def sends(self, slot: int) -> bool:
        """Is argument ``slot`` sent messages at all? A class index is not."""
        return self.silent(slot) is None

    def params(self, count: int) -> tuple[str, ...]:
        """The names that a rule's text uses for ``count`` arguments."""
        if self.variadic:
            return tuple(f"a{index + 1}" for index in range(count))
        return self.arg_names
