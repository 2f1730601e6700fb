"""The ops as a reference: the same rows for ``backtrace ops`` and for docs/ops.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import OPERATORS, Call, Expr, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import BY_NAME, Kink, Op, families, find, in_place, rule

if TYPE_CHECKING:
    from click import Group

__all__ = ["OpRow", "cli_markdown", "op_pages", "op_row", "op_rows", "ops_markdown"]


#: Families whose file has a shorter name.
_FAMILIES = {
    "linalg": "vectors and matrices", "diagonals": "diagonals and blocks",
    "linear_systems": "square matrices", "cumulative": "running sums",
    "rearranging": "the same entries in another order or shape", "repeating": "repetitions",
    "special": "special functions", "ordering": "orders", "convolution": "convolutions", "pooling": "pools",
    "normalisation": "normalisation and lookup", "regression": "losses entry by entry, and distances",
}  # fmt: skip


class OpRow(NamedTuple):
    """One op in words."""

    written: str
    computes: str
    partials: str
    """Partials, or for an op that mixes entries the messages, over the upstream gradient g."""
    domain: str
    kinks: str
    rules: str = "partials"
    """What the rules are: ``partials`` or ``messages``."""


def op_rows(*, ascii: bool = False) -> Iterator[tuple[str, list[OpRow]]]:
    """Every family with its ops."""
    for family, ops in families().items():
        yield _FAMILIES.get(family, family), [op_row(op, ascii=ascii) for op in ops if not op.internal]


def op_row(op: Op, *, ascii: bool = False) -> OpRow:
    """``op`` in words."""
    domain = "any"
    if op.domain:
        domain = _formula(op.domain.holds, ascii) if _simple(op.domain.holds) else op.domain.words
    kinks = "; ".join(_kink(op, kink) for kink in op.kinks if kink.kind != "limit")
    return OpRow(written(op, ascii=ascii), op.doc, ", ".join(partials(op, ascii=ascii)),
                 domain, kinks or "none", "messages" if op.mixes else "partials")  # fmt: skip


def written(op: Op, *, ascii: bool = False) -> str:
    """How the op is written, over its arguments: ``a + b``, ``σ(a)``, ``max(a1, a2, …)``."""
    more = "..." if ascii else "…"
    if op.name == "index":
        return f"a[{more}]"
    options = [part.lstrip("*") for part in op.options.split()]
    if op.variadic:
        return f"{op.called}({', '.join(['a1', 'a2', more, *options])})"
    if op.mixes and op.called not in OPERATORS and op.name != "transpose":
        return f"{op.called}({', '.join([*op.arg_names, *options])})"
    args = tuple(Name(name) for name in op.arg_names)
    text = to_text(Call(op.name, args), ascii=ascii)
    if op.defaults and op.name not in OPERATORS:
        first = len(args) - len(op.defaults)
        for name, default in zip(op.arg_names[first:], op.defaults, strict=True):
            text = text.replace(f", {name}", f", {name}={default}")
    return text


def partials(op: Op, *, ascii: bool = False) -> list[str]:
    """The partial for each argument (or the message it is sent, over the upstream gradient g)."""
    slots = 1 if op.variadic else op.arity
    return [to_text(simplify(_rule(op, slot, False)), ascii=ascii) for slot in range(slots)]


def _rule(op: Op, slot: int, stable: bool) -> Expr:
    """A rule of an op whose options are what they are unless somebody names them."""
    usual = op.option_defaults
    return in_place(op, rule(op, slot, 2 if op.variadic else op.arity, stable, usual), {}, usual)


def _formula(text: str, ascii: bool) -> str:
    return to_text(parse_expression(text, functions=BY_NAME), ascii=ascii)


def _kink(op: Op, kink: Kink) -> str:
    if not _simple(kink.when):
        return kink.words
    return f"where {_formula(kink.when, False)}: {kink.words}"


def _simple(condition: str) -> bool:
    """Can a condition be read at a glance? Otherwise the words for it are shown."""
    return not any(sign in condition for sign in "*({")


def op_pages(name: str, *, ascii: bool = False) -> Iterator[tuple[OpRow, list[tuple[str, str]]]]:
    """Every op called ``name``: its row, and (label, text) lines about it."""
    for op in BY_NAME.get(name, ()):
        if op.internal:
            continue
        row = op_row(op, ascii=ascii)
        sign = "d" if ascii else "∂"
        to = "message to " if op.mixes else ""
        labels = (
            ["each argument"]
            if op.variadic
            else [f"{to}{arg}" if to else f"{sign}/{sign}{arg}" for arg in op.arg_names]
        )
        lines = list(zip(labels, partials(op, ascii=ascii), strict=True))
        lines += [
            ("computed as", f"{to_text(_rule(op, slot, True), ascii=ascii)}, which keeps its digits")
            for slot, text in enumerate(op.stable)
            if text
        ]
        lines.append(("domain", row.domain))
        lines += [(kink.kind, _kink(op, kink)) for kink in op.kinks if kink.kind != "limit"]
        if op.remark:
            lines.append(("note", op.remark))
        others = [other for other in (op.name, *op.aliases) if other != name and find(other) is op]
        if others and op.name not in OPERATORS:
            lines.append(("also called", ", ".join(others)))
        yield row, lines


def ops_markdown() -> str:
    """The op table of docs/ops.md."""
    lines: list[str] = []
    for family, rows in op_rows():
        lines += [f"### {family.capitalize()}", ""]
        over = "messages over g" if rows[0].rules == "messages" else "partials"
        lines += [f"| written | computes | {over} | domain | at a kink |", "|---|---|---|---|---|"]
        for row in rows:
            cells = [f"`{row.written}`", row.computes, f"`{row.partials}`", row.domain, row.kinks]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def cli_markdown(group: Group) -> str:
    """The CLI reference of docs/cli.md: each command's own help text."""
    from click import Context

    lines: list[str] = []
    root = Context(group, info_name="backtrace", help_option_names=["-h", "--help"])
    for name in group.list_commands(root):
        command = group.get_command(root, name)
        assert command is not None
        context = Context(command, info_name=name, parent=root, max_content_width=88, terminal_width=88)
        lines += [f"### backtrace {name}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines)
