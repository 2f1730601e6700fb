"""The fields that a declaration of an op fills in, and what each of them says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from backtrace_cli.ops.nothing import Nothing

__all__ = ["Declared", "Domain", "Kink", "Rule", "Sample", "Shape"]

#: A point at which the tests exercise an op: one number an argument (of an array op a shape).
Sample = tuple[Any, ...]
#: The sizes of an array, () for a number.
Shape = tuple[int, ...]
#: How large a number may be; None where it doesn't matter.
Size: TypeAlias = float | None
#: One argument's rule: text; why there is none; or, of a variadic op whose arguments play several parts,
#: what makes one of them, from (slot, the arguments' names, the options).
Rule: TypeAlias = "str | Nothing | Callable[[int, tuple[str, ...], tuple[Any, ...]], str | Nothing]"


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

    @property
    def in_own_shape(self) -> str:
        """The condition over the output as it is, without the axes that ``{out}`` puts back."""
        return self.when.replace("{out}", "out")


class Declared(NamedTuple):
    """The fields of an Op; see there. A named tuple: defining a dataclass of this size costs start-up."""

    name: str
    args: str
    doc: str
    float: Callable[..., float] | None = None
    partials: tuple[str | Nothing, ...] = ()
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
    """What the rules say in a form that keeps its digits in floating point, where theirs doesn't."""
    steady: tuple[str | None, ...] = ()
    """With ``messages``: what ``stable`` is to them, for the tangents."""
    numpy: str | Callable[..., Any] | None = None
    fraction: Callable[..., Any] | None = None
    means: str | None = None
    """Its definition as text over its arguments and options, where the forward functions are written to
    keep the digits of a double; numbers of more digits are worked out by it."""
    aliases: tuple[str, ...] = ()
    yields: str = ""
    """The names among its own that a variable or a function of the formula's own may bear and be called
    by, ``*`` for all: names that the language got after people had written formulas with them."""
    pretty: str | None = None
    """How people write its name, where that is not ASCII or not its own."""
    typed: str | None = None
    """How it is typed in plain ASCII, where that is not its own name."""
    latex: str | None = None
    r"""How LaTeX writes it: a command for its name, or a template over its arguments, ``\sqrt{<a>}``."""
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
    judges: str = ""
    """Of a loss over classes: what its first argument holds, ``scores`` or ``shares``; the second says which
    class is right."""
    usually_square: bool = False
    """It is usually taken of a square matrix, though others will do."""
    lists: bool = False
    """It takes one list as it takes the values in it: ``concat([a, b])``."""
    sympy: str | None = None
    """The function of sympy that means the same for every real argument where both have a value."""
    reach: Size = None
    """A larger argument leaves it next to no slope, or makes a number that nobody writes down."""
    spread: Size = None
    """The same for how far apart its entries are; where they are all equal, its value says nothing."""
    shape_words: str | None = None
    """How its shape comes about, in a sentence."""
    integral: str | None = None
    """Its antiderivative, as text."""
    mistaken: tuple[tuple[str, str], ...] = ()
    """(text, words): rules that people take for its derivative."""
    tied: str | None = None
    """Of two arguments the partial with what is taken at a tie, as text; ``{other}`` is the other one."""
    why: str = ""
    """Why its rule is as it is, in a sentence as a person would say it; of one that stands for another at
    some shapes, the other one's."""
    samples: tuple[Sample, ...] = ()
    refuses: tuple[Sample, ...] = ()
