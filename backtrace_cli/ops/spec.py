"""What an op declares: one literal holds its forward function, its partials, its domain, its kinks.

Partials, messages, domains and kinks are text in backtrace's own formula language
over the op's arguments and its output ``out`` (a message also over the upstream
gradient ``g``). The text is parsed once; the same tree is printed, evaluated and
differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Domain", "Kink", "Op", "Sample"]

#: A point at which the tests exercise an op: one number an argument.
Sample = tuple[float, ...]


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
    float: Callable[..., float]
    partials: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
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
    samples: tuple[Sample, ...] = ()
    refuses: tuple[Sample, ...] = ()


class Op(_Declared):
    """One box of the graph, declared once.

    ``args`` names the arguments, separated by spaces; ``b=1`` gives a default and
    ``*a`` takes any number of them. ``float`` is the forward function over Python
    floats, which never raises; ``numpy`` the same over arrays (an attribute of
    numpy by name, or a function); ``fraction`` the exact one, where there is one.
    An elementwise op gives ``partials``, one text an argument; an op that mixes
    entries gives ``messages`` instead, over ``g``. In a variadic op's text ``{a}``
    is the argument at hand and ``{all}`` all of them. ``stable`` says the same as
    ``partials`` in a form that keeps its digits in floating point.

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
        if self.float.__name__ == "<lambda>":
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
    def arity(self) -> int:
        """How many arguments it takes (1 or more where variadic)."""
        return len(self.arg_names)

    @property
    def written(self) -> str:
        """The name as people write it: ``σ`` for sigmoid."""
        return self.pretty or self.name

    def accepts(self, count: int) -> bool:
        """Can it be called with ``count`` arguments?"""
        if self.variadic:
            return count >= 1
        return self.arity - len(self.defaults) <= count <= self.arity

    def rule_text(self, slot: int, count: int, *, stable: bool = False) -> str:
        """The partial (or message) for argument ``slot`` of ``count``, as text."""
        rules = self.partials or self.messages
        index = 0 if self.variadic else slot
        text = rules[index]
        if stable and self.stable:
            text = self.stable[index] or text
        return self.fill(text, slot, count)

    def fill(self, text: str, slot: int, count: int) -> str:
        """``text`` with a variadic op's ``{a}`` and ``{all}`` written out."""
        if not self.variadic:
            return text
        return text.replace("{all}", ", ".join(self.params(count))).replace("{a}", f"a{slot + 1}")

    def params(self, count: int) -> tuple[str, ...]:
        """The names that a rule's text uses for ``count`` arguments."""
        if self.variadic:
            return tuple(f"a{index + 1}" for index in range(count))
        return self.arg_names
