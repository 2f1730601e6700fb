"""What an op declares: one literal holds its forward function, its partials, its domain, its kinks.

Partials, messages, domains and kinks are text in backtrace's own formula language
over the op's arguments and its output ``out`` (a message also over the upstream
gradient ``g``). The text is parsed once; the same tree is printed, evaluated and
differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Domain", "Kink", "Op", "Sample", "fixed", "fixed_text"]

#: A point at which the tests exercise an op: one number an argument (of an array op a shape).
Sample = tuple[Any, ...]
#: The sizes of an array, () for a number.
Shape = tuple[int, ...]

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
    messages: tuple[str | None, ...] = ()
    """Text over ``g``; None for an argument that is sent nothing, such as a class index."""
    tangents: tuple[str | None, ...] = ()
    """With ``messages``: how a tangent ``d`` of each argument moves the output."""
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
    means: str | None = None
    """Its definition as text over its arguments and options, where the forward functions are written to
    keep the digits of a double; numbers of more digits are worked out by it."""
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
    ``messages`` instead, over ``g``, and ``tangents``, over ``d``. In a variadic op's
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
        if not rules or (self.partials and self.messages):
            raise ValueError(f"{self.name}: give partials or messages, one of the two")
        if len(rules) != len(self.arg_names):
            raise ValueError(f"{self.name}: {len(self.arg_names)} arguments, {len(rules)} rules")
        if self.stable and len(self.stable) != len(rules):
            raise ValueError(f"{self.name}: stable and partials differ in number")
        if not self.samples:
            raise ValueError(f"{self.name}: no sample points")
        if bool(self.domain) != bool(self.refuses):
            raise ValueError(f"{self.name}: a domain and points it refuses go together")
        if any(not kink.taken for kink in self.kinks):
            raise ValueError(f"{self.name}: a kink without the value taken there")
        if self.messages and (self.shape is None or self.numpy is None):
            raise ValueError(f"{self.name}: an op that mixes entries gives its shape and a NumPy function")
        if self.messages and len(self.tangents) != len(self.messages):
            raise ValueError(f"{self.name}: messages and tangents differ in number")
        if not self.messages and self.float is None:
            raise ValueError(f"{self.name}: an elementwise op has a function over floats")
        functions = (self.float, self.numpy, self.shape, self.upstream, self.ranks, self.cost)
        if any(getattr(function, "__name__", "") == "<lambda>" for function in functions):
            raise ValueError(f"{self.name}: forward functions have names")

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

    def rule_text(self, slot: int, count: int, *, stable: bool = False, fixed: tuple[Any, ...] = ()) -> str:
        """The partial (or message) for argument ``slot`` of ``count``, as text; "0" where none is sent."""
        rules = self.partials or self.messages
        index = 0 if self.variadic else slot
        text = rules[index]
        if stable and self.stable:
            text = self.stable[index] or text
        return self.fill(text or "0", slot, count, fixed)

    def tangent_text(self, slot: int, count: int, fixed: tuple[Any, ...] = ()) -> str:
        """How the output moves with a tangent ``d`` of argument ``slot``; "0" where it doesn't."""
        return self.fill(self.tangents[0 if self.variadic else slot] or "0", slot, count, fixed)

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

    def sends(self, slot: int) -> bool:
        """Is argument ``slot`` sent messages at all? A class index is not."""
        return not self.messages or self.messages[0 if self.variadic else slot] is not None

    def params(self, count: int) -> tuple[str, ...]:
        """The names that a rule's text uses for ``count`` arguments."""
        if self.variadic:
            return tuple(f"a{index + 1}" for index in range(count))
        return self.arg_names
