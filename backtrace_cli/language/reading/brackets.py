"""What stands in brackets beside values: the slices of ``x[1:3, :]``, the options of ``sum(x, axis=0)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backtrace_cli.base.caret import Span
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import ARGUMENTS, LEFT_OUT, Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text

__all__ = ["indexed", "slices", "with_options"]


#: What stands for a new axis of size 1 in an index.
_NEW_AXIS = ("None", "newaxis")


def slices(
    tokens: list[Token], at: int, read: Callable[[list[Token]], Expr]
) -> tuple[list[Expr], int] | None:
    """The parts of an index with a slice or a new axis in it, and the place behind its bracket.

    ``at`` is behind the opening bracket; ``read`` makes a value of what stands beside a colon. None
    where there is neither, or where another index stands inside: then it is read as any list of values.

    >>> from backtrace_cli.language.tokens.lexer import tokenize
    >>> parts, _ = slices(tokenize("x[1:, 0]"), 2, lambda part: Name(part[0].text))
    >>> parts[0].func, parts[1].name
    ('slice', '0')
    """
    special, depth, end = False, 0, at
    while tokens[end].kind not in ("end", "[") and (depth or tokens[end].kind != "]"):
        token = tokens[end]
        depth += (token.kind == "(") - (token.kind == ")")
        special |= token.kind == ":" or (token.kind == "name" and token.text in _NEW_AXIS)
        end += 1
    if not special or tokens[end].kind != "]":
        return None
    parts: list[Expr] = []
    for first, past in _split(tokens, at, end, ","):
        bounds = [_bound(tokens, one, other, read) for one, other in _split(tokens, first, past, ":")]
        if len(bounds) > 3 or (len(bounds) == 1 and isinstance(bounds[0], Name) and not bounds[0].name):
            return None
        span = Span(tokens[first].span.start, tokens[past - 1].span.end)
        parts.append(bounds[0] if len(bounds) == 1 else Call("slice", tuple(bounds), span))
    return parts, end + 1


def _split(tokens: list[Token], first: int, past: int, sign: str) -> Iterator[tuple[int, int]]:
    """The stretches of tokens between ``sign`` outside of brackets."""
    depth, start = 0, first
    for index in range(first, past):
        kind = tokens[index].kind
        depth += (kind == "(") - (kind == ")")
        if kind == sign and not depth:
            yield start, index
            start = index + 1
    yield start, past


def _bound(tokens: list[Token], first: int, past: int, read: Callable[[list[Token]], Expr]) -> Expr:
    """What stands on one side of a colon; a name without letters where nothing does."""
    part = tokens[first:past]
    if not part:
        return Name("", tokens[first].span)
    if len(part) == 1 and part[0].kind == "name":
        return Name("None" if part[0].text in _NEW_AXIS else part[0].text, part[0].span)
    return read([*part, Token("end", "", Span(part[-1].span.end, part[-1].span.end))])


def indexed(value: Expr, parts: list[Expr], span: Span) -> Expr:
    """``x[parts]``, with an axis of size 1 where ``None`` stands among them.

    >>> whole = Call("slice", (Name(""), Name("")))
    >>> indexed(Name("x"), [whole, Name("None")], Span(0, 1)).options
    (('axis', '1'),)
    """
    places: list[int] = []
    kept: list[Expr] = []
    axis = 0
    for part in parts:
        new = isinstance(part, Name) and part.name == "None"
        if new:
            places.append(axis)
        else:
            kept.append(part)
        axis += new or _is_slice(part)
    if not places or any(not _is_whole(part) for part in kept):
        value = Call("index", (value, *kept), span)
    for place in places:
        value = Call("expand_dims", (value,), span, (("axis", str(place)),))
    return value


def _is_slice(part: Expr) -> bool:
    return isinstance(part, Call) and part.func == "slice"


def _is_whole(part: Expr) -> bool:
    """Is it a plain colon, which takes everything?"""
    bounds = part.args if isinstance(part, Call) and part.func == "slice" else (part,)
    return all(isinstance(bound, Name) and not bound.name for bound in bounds)


def with_options(func: str, args: tuple[Expr, ...], span: Span) -> Call:
    """The call of ``func``: what was written ``axis=0`` among its arguments is an option, and what
    was written ``min=0`` stands in its place among them.

    >>> with_options("sum", (Name("x"), Call("=axis", (Number("0"),))), Span(0, 1)).options
    (('axis', '0'),)
    """
    if not any(isinstance(arg, Call) and arg.func[:1] == "=" for arg in args):
        return Call(func, args, span)
    places = ARGUMENTS.get(func, {})
    named: list[tuple[str, str]] = []
    plain: list[Expr] = []
    placed: dict[int, Expr] = {}
    for arg in args:
        if not (isinstance(arg, Call) and arg.func[:1] == "="):
            plain.append(arg)
        elif arg.func[1:] in places:
            placed[places[arg.func[1:]]] = arg.args[0]
        elif arg.func != "=~":
            named.append((arg.func[1:], to_text(arg.args[0], ascii=True)))
    usual = LEFT_OUT.get(func, ()) if placed else ()
    for place in range(len(plain), max((*placed, len(usual) - 1), default=-1) + 1):
        if place not in placed and place >= len(usual):
            break
        plain.append(placed.pop(place) if place in placed else Number(usual[place], span))
    plain += [placed[place] for place in sorted(placed)]
    return Call(func, tuple(plain), span, tuple(named))
