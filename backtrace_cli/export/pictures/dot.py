"""A picture for Graphviz: boxes and edges with their values and messages, placed by ``dot``."""

from __future__ import annotations

from html import escape

from backtrace_cli.export.layout.content import Box, Edge
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.writer import Writer

__all__ = ["WRITER"]


def _write(picture: Picture) -> str:
    scene = picture.scene()
    lines = [
        "digraph backtrace {",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="monospace"];',
        '  edge [fontname="monospace"];',
    ]
    lines += [f"  n{place} [{_box(box)}];" for place, box in enumerate(scene.boxes)]
    lines += [f"  n{edge.child} -> n{edge.reader} [{_edge(edge)}];" for edge in scene.edges]
    if scene.value:
        value = f'<font color="#116329">{escape(scene.value)}</font>'
        seed = f'<br/><font color="#b3151f">{escape(scene.seed)}</font>' if scene.seed else ""
        lines += [
            "  out [shape=plaintext, label=<" + value + seed + ">];",
            f"  n{scene.output} -> out [arrowhead=none];",
        ]
    lines += [f"  // {mark} {text}" for mark, text in scene.legend]
    return "\n".join(lines) + "\n}\n"


def _box(box: Box) -> str:
    lines = [f"<b>{escape(box.title)}</b>", *([escape(box.body)] if box.body else [])]
    shape = ["shape=plaintext"] if box.is_input else []
    looks = [*(["style=dashed", "color=gray40", "fontcolor=gray40"] if box.pale else []),
             *(["penwidth=3"] if box.lit else [])]  # fmt: skip
    return ", ".join([f"label=<{'<br/>'.join(lines)}>", *shape, *looks])


def _edge(edge: Edge) -> str:
    texts = []
    if edge.value:
        texts.append(f'<font color="#116329">{escape(edge.value)}</font>')
    if edge.message:
        texts.append(f'<font color="#b3151f">{escape(edge.message)}</font>')
    looks = [
        *(["style=dashed", "color=gray40"] if not edge.visited else []),
        *(["penwidth=3"] if edge.lit else []),
    ]
    label = [f"label=<{'<br/>'.join(texts)}>"] if texts else []
    return ", ".join([*label, f'comment="argument {edge.slot + 1}"', *looks])


WRITER = Writer(".dot", "for Graphviz", _write)
