"""Definitions in any order: sorted so that each stands after what it reads, or refused as a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tree.syntax import (
    Assign,
    Call,
    Define,
    Expr,
    Name,
    Number,
    Program,
    Reading,
    names_in,
    walk,
)

__all__ = ["in_order", "refuse_circles"]


def in_order(program: Program) -> Program:
    """``program`` with each definition after those it reads, and the output last.

    The output is the last statement, or the only one that no other reads. Raises FormulaError for
    definitions that go in a circle, and where several could be the output.

    >>> from backtrace_cli.language.reading.parser import parse
    >>> [each.name for each in in_order(parse("y = u^2; u = 3x + 1")).statements]
    ['u', 'y']
    """
    functions = {each.name: each for each in program.statements if isinstance(each, Define)}
    assigned = [each for each in program.statements if isinstance(each, Assign)]
    if len(functions) + len(assigned) < len(program.statements):  # one is defined twice, which is said later
        return program
    place = {each.name: index for index, each in reversed(list(enumerate(assigned)))}
    free = _free(functions)
    reads = [_read(each.value, functions, free) for each in assigned]
    needs = [[place[name] for name in names if name in place and place[name] != at]
             for at, names in enumerate(reads)]  # fmt: skip
    order = _sorted(needs, assigned, program.source)
    output = _output(assigned, needs, program.source)
    order.remove(output)
    statements: tuple[Assign | Define, ...] = (
        *functions.values(),
        *[assigned[at] for at in order],
        assigned[output],
    )
    said = list(program.readings)
    if output != len(assigned) - 1:
        name = assigned[output].name
        said.append(Reading(f"{name} is the output, as no other definition reads it", assigned[output].span))
    for at, each in enumerate(assigned):
        if isinstance(each.value, Number) and any(at in reader for reader in needs[:at]):
            name, value = each.name, each.value.text
            said.append(Reading(f"{name} = {value} is read as a definition, so {name} is no variable here; "
                                f"as a point write --at {name}={value}", each.span))  # fmt: skip
    return program._replace(statements=statements, output=assigned[output].name or None, readings=tuple(said))


def _read(tree: Expr, functions: Mapping[str, Define], free: Mapping[str, set[str]]) -> list[str]:
    """The names that ``tree`` reads, in the order of the text, through the functions that it calls, too."""
    found: dict[str, None] = {}
    for node in walk(tree):
        if isinstance(node, Name):
            found.setdefault(node.name)
        elif isinstance(node, Call) and node.func in functions:
            found.update(dict.fromkeys(sorted(free[node.func])))
    return list(found)


def _free(functions: Mapping[str, Define]) -> dict[str, set[str]]:
    """What the body of each function reads beside its arguments, also through those it calls."""
    own = {name: names_in(each.body) - set(each.params) for name, each in functions.items()}
    calls = {name: _called(each.body, functions) for name, each in functions.items()}
    for name in functions:
        waiting, seen = [name], set[str]()
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting += calls[at]
                own[name] |= own[at]
    return own


def _called(body: Expr, functions: Mapping[str, Define]) -> list[str]:
    called = (node.func for node in walk(body) if isinstance(node, Call))
    return [name for name in dict.fromkeys(called) if name in functions]


def _sorted(needs: list[list[int]], assigned: list[Assign], source: str) -> list[int]:
    """Indices with those that each needs before it, else in the order of the text."""
    order: list[int] = []
    state = [0] * len(needs)  # 0 not met, 1 on the way, 2 done
    for start in range(len(needs)):
        path: list[tuple[int, Iterator[int]]] = []
        if not state[start]:
            state[start] = 1
            path.append((start, iter(needs[start])))
        while path:
            at, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[at] = 2
                order.append(at)
                path.pop()
            elif state[following] == 1:
                on_the_way = [index for index, _ in path]
                circle = on_the_way[on_the_way.index(following) :]
                _refuse([(assigned[index].name, assigned[index].span) for index in circle], source)
            elif not state[following]:
                state[following] = 1
                path.append((following, iter(needs[following])))
    return order


def _refuse(circle: list[tuple[str, Span]], source: str) -> None:
    names = [shorten(name, 24) for name, _ in circle]
    shown = [*names, names[0]] if len(names) < 7 else [*names[:5], "…", names[0]]
    raise FormulaError(
        f"these definitions go in a circle: {' needs '.join(shown)}", span=circle[0][1], also=circle[-1][1],
        source=source, hint="define one of them by other names",
    )  # fmt: skip


def _output(assigned: list[Assign], needs: list[list[int]], source: str) -> int:
    """The index of the statement that the formula is about."""
    last = len(assigned) - 1
    read = {index for reader in needs for index in reader}
    if last not in read:
        return last
    unread = [index for index in range(len(assigned)) if index not in read]
    if len(unread) > 1:
        names = [shorten(assigned[index].name, 24) for index in unread[:4]]
        raise FormulaError(
            f"the output could be {' or '.join(names)}", span=assigned[unread[0]].span,
            also=assigned[unread[1]].span, source=source, hint="put the one that is meant last",
        )  # fmt: skip
    return unread[0]


def refuse_circles(functions: Mapping[str, Define], source: str) -> None:
    """Refuse functions that call each other in a circle: written out in place they would never end.

    Raises FormulaError.
    """
    calls = {name: _called(each.body, functions) for name, each in functions.items()}
    done: set[str] = set()
    for start in functions:
        path: list[tuple[str, Iterator[str]]] = [] if start in done else [(start, iter(calls[start]))]
        while path:
            at, rest = path[-1]
            following = next(rest, None)
            on_the_way = [name for name, _ in path]
            if following is None:
                done.add(at)
                path.pop()
            elif following in on_the_way:
                circle = on_the_way[on_the_way.index(following) :]
                _refuse([(name, functions[name].span) for name in circle], source)
            elif following not in done:
                path.append((following, iter(calls[following])))
