"""A trace as one page: graph, tables and closed form, in one file, walked through by keys.

Everything is in the file and nothing is fetched; the page forbids itself to. Without JavaScript it is
the whole trace. Each part that comes to be known at some step says at which (``data-at``).
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.export.layout.arrange import Label
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.folding import groups_of
from backtrace_cli.export.layout.writer import Writer
from backtrace_cli.export.pictures._page_parts import SCRIPT, SHEET
from backtrace_cli.export.pictures.svg import STYLE, figure, told

__all__ = ["WRITER"]

#: A page of more rows than this is slow to open in a browser.
_MOST_ROWS = 20_000
#: The graph of a page is turned upright where it is wider than so many columns.
_MOST_COLUMNS = 240
#: So many messages of a fork are written one by one.
_MOST_PARTS = 12
#: Closed forms are given of formulas of so many steps.
_MOST_CLOSED = 40


def _write(picture: Picture) -> str:
    return "".join(_Page(picture).parts())


class _Page:
    """One page in the making."""

    def __init__(self, picture: Picture) -> None:
        self.picture, self.trace, self.words = picture, picture.trace, picture.words
        self.graph = self.trace.graph
        rows = len(self.graph.steps) + len(self.trace.sent)
        if rows > _MOST_ROWS:
            raise BacktraceError(f"a page of {rows:,} steps would be too long to read",
                                 hint="draw the graph alone: -o graph.svg")  # fmt: skip
        self.forward = len(self.graph.steps)
        self.sent_at = {
            (sent.source, sent.slot): self.forward + number for number, sent in enumerate(self.trace.sent, 1)
        }
        self.groups = groups_of(self.graph, picture.most)

    def parts(self) -> Iterator[str]:
        title = _safe(self.words.title(self.trace))
        point = "".join(f"<span>{_safe(text)}</span>" for text in self.words.point(self.trace))
        yield (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
            f'<title>{title}</title>\n<style>{STYLE}\n{SHEET}</style></head>\n<body class="bt">\n'
            f"<header><h1>{title}</h1>"
        )
        yield f'<p class="point">at {point}</p></header>\n' if point else "</header>\n"
        yield self.controls()
        yield "<main>\n"
        yield self.drawing()
        yield '<div class="tables">\n'
        yield from self.forward_table()
        yield from self.backward_table()
        yield from self.forks()
        yield from self.gradient()
        yield from self.notes()
        yield from self.closed()
        yield f"</div>\n</main>\n<script>{SCRIPT}</script>\n</body></html>\n"

    def controls(self) -> str:
        last = self.forward + len(self.trace.sent)
        buttons = "".join(
            f'<button type="button" data-go="{go}" aria-label="{label}" title="{label} ({key})">'
            f"{sign}</button>"
            for go, label, key, sign in (
                ("start", "To the start", "Home", "|◀"), ("back", "One step back", "←", "◀"),
                ("on", "One step on", "→", "▶"), ("end", "To the end", "End", "▶|"),
            )
        )  # fmt: skip
        return (
            f'<div class="walk" role="group" aria-label="Walk through the trace">{buttons}'
            f'<input type="range" min="0" max="{last}" value="{last}" aria-label="Step">'
            f'<p role="status" data-forward="{self.forward}">Step {last} of {last}</p></div>\n'
        )

    def drawing(self) -> str:
        layout = self.picture.wide(_MOST_COLUMNS)
        drawn = figure(layout, 8, 8, more=self.known_at)
        width, height = round(drawn.width + 24), round(drawn.height + 16)
        legend = "".join(
            f"<li>{_safe(mark)} {_safe(text)}</li>" for mark, text in layout.scene.legend if mark != "(*)"
        )
        return (
            '<figure class="graph" tabindex="0" aria-label="Graph">'
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" aria-labelledby="graph-title graph-desc">'
            f'<title id="graph-title">The graph</title>'
            f'<desc id="graph-desc">{escape(told(layout))}</desc>{drawn.body}</svg>'
            '<figcaption>Values stand over the lines in <b class="v">green</b>, '
            "what comes back under them in "
            f'<b class="m">red</b>; (*) marks where messages add up.<ul>{legend}</ul></figcaption></figure>\n'
        )

    def known_at(self, label: Label) -> str:
        """From which step on a label is known."""
        if label.edge is None:
            at = self.forward if label.kind == "message" else self.graph.step(self.graph.output) or 0
        elif label.kind == "message":
            at = self.sent_at.get(label.edge.sent, 0)
        else:
            reader, slot = label.edge.sent
            at = self.graph.step(self.graph.nodes[reader].args[slot]) or 0
        return f' data-at="{at}"' if at else ""

    def box(self, node: int) -> str:
        return f"bt-b{self.groups.get(node, node)}"

    def forward_table(self) -> Iterator[str]:
        if not self.graph.steps:
            return
        yield _open("Forward", ["step", "box", "value"])
        for number, (index, row) in enumerate(
            zip(self.graph.steps, self.words.forward(self.trace), strict=True), 1
        ):
            numbers = f" = {row.numbers}" if row.numbers else ""
            shape = f' <span class="q">{_safe(row.shape)}</span>' if row.shape else ""
            yield (
                f'<tr data-step="{number}" data-lit="{self.box(index)}"><th scope="row">{number}</th>'
                f"<td>{_safe(f'{row.name} = {row.definition}{numbers}')}{shape}</td>"
                f'<td class="v" data-at="{number}">{_safe(row.value)}</td></tr>\n'
            )
        yield "</tbody></table></section>\n"

    def backward_table(self) -> Iterator[str]:
        if not self.trace.sent:
            return
        yield _open("Backward", ["step", "through", "to", "upstream", "local", "adds", "total", "fork"])
        rows = zip(self.trace.sent, self.words.backward(self.trace), strict=True)
        for at, (sent, row) in enumerate(rows, self.forward + 1):
            lit = f"bt-e{sent.source}-{sent.slot} {self.box(sent.source)}"
            local = f"{row.local} = {row.local_value}" if row.local_value else row.local
            cells = (
                ("", row.through), ("", row.target), ("m", row.upstream), ("", local), ("m", row.adds),
                ("m", row.total), ("", row.fork),
            )  # fmt: skip
            shown = "".join(
                f'<td class="{kind}" data-at="{at}">{_safe(text)}</td>'
                if number > 1
                else f"<td>{_safe(text)}</td>"
                for number, (kind, text) in enumerate(cells)
            )
            yield f'<tr data-step="{at}" data-lit="{lit}"><th scope="row">{at}</th>{shown}</tr>\n'
        yield "</tbody></table></section>\n"

    def forks(self) -> Iterator[str]:
        """The sum at every fork, growing message by message."""
        if self.trace.back is None or self.trace.symbolic:
            return
        arrived: dict[int, list[int]] = {}
        for number, sent in enumerate(self.trace.sent):
            arrived.setdefault(sent.target, []).append(number)
        items = [self.fork(target, numbers) for target, numbers in arrived.items() if len(numbers) > 1]
        if items:
            yield '<section><h2>Forks (*)</h2><ul class="forks">' + "".join(items) + "</ul></section>\n"

    def fork(self, target: int, numbers: list[int]) -> str:
        parts = []
        sent = [self.trace.sent[number] for number in numbers]
        one_by_one = len(sent) <= _MOST_PARTS and not shape_of(sent[0].contribution)
        contributions = [self.words.number(one.contribution) for one in sent]
        for place, (number, one) in enumerate(zip(numbers, sent, strict=True)):
            at = self.forward + number + 1
            if one_by_one:
                so_far = self.words.added(contributions[: place + 1])
                before = self.words.added(contributions[:place]) if place else ""
                parts.append(f'<span data-at="{at}">{_safe(so_far[len(before) :])}</span>')
            until = (
                f' data-until="{self.forward + numbers[place + 1] + 1}"' if place + 1 < len(numbers) else ""
            )
            count = f"{place + 1} of {len(numbers)}"
            total = f"{_safe(self.words.number(one.total))}"
            parts.append(f'<b class="m" data-at="{at}"{until}> = {total} <i>({count})</i></b>')
        spans = [part for part in parts if part.startswith("<span")]
        sums = [part for part in parts if part.startswith("<b")]
        return f"<li>{_safe(self.graph.name(target))}: {''.join(spans + sums)}</li>"

    def gradient(self) -> Iterator[str]:
        if self.trace.back is None or not self.trace.wrt:
            return
        last = {sent.target: self.forward + number for number, sent in enumerate(self.trace.sent, 1)}
        yield '<section><h2>Gradient</h2><ul class="answer">'
        for name in self.trace.wrt:
            at = last.get(self.graph.inputs[name], 0)
            value = self.words.number(self.trace.gradient_of(name))
            left = f"∂{self.trace.output}/∂{name}"
            yield f'<li>{_safe(left)} = <b class="m" data-at="{at}">{_safe(value)}</b></li>'
        yield "</ul></section>\n"

    def notes(self) -> Iterator[str]:
        if self.trace.notes:
            items = "".join(f"<li>{_safe(note.message)}</li>" for note in self.trace.notes)
            yield f"<section><h2>Notes</h2><ul>{items}</ul></section>\n"

    def closed(self) -> Iterator[str]:
        """Each partial as one formula, where it is a formula over numbers and not too long."""
        if (
            self.graph.mixes
            or len(self.graph.steps) > _MOST_CLOSED
            or self.trace.back is None
            or not self.trace.wrt
        ):
            return
        from backtrace_cli.readings.closed.closed_form import closed_form

        yield '<section><h2>Closed form</h2><ul class="answer">'
        for name in self.trace.wrt:
            result = self.words.expr(closed_form(self.graph, name).result)
            yield f"<li>{_safe(f'∂{self.trace.output}/∂{name} = {result}')}</li>"
        yield "</ul></section>\n"


def _open(title: str, columns: list[str]) -> str:
    heads = "".join(f'<th scope="col">{text}</th>' for text in columns)
    return (
        f'<section class="rows" tabindex="0" aria-label="{title}"><h2>{title}</h2>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>\n"
    )


def _safe(text: str) -> str:
    """A stranger's text as HTML: control characters shown, markup escaped."""
    return escape(visible_name(text))


WRITER = Writer(".html", "one page to walk through, for a browser", _write)
