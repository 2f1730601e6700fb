"""A picture for Mermaid, which GitHub, GitLab and many notebooks draw from a code block."""

from __future__ import annotations

from backtrace_cli.export.layout.content import Box, Edge
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.writer import Writer

__all__ = ["WRITER"]

#: What Mermaid, its Markdown and its HTML would take for more than a letter.
_SPECIAL = frozenset('"#&<>;`*_|[]{}()\\~')


def _write(picture: Picture) -> str:
    scene = picture.scene()
    lines = ["flowchart LR"]
    lines += [f"  n{place}{_box(box)}" for place, box in enumerate(scene.boxes)]
    lines += [f"  n{edge.child} {_edge(edge)} n{edge.reader}" for edge in scene.edges]
    if scene.value:
        seed = f" · {scene.seed}" if scene.seed else ""
        lines += [f'  out["{_text(scene.value + seed)}"]:::plain', f"  n{scene.output} --- out"]
    for name, chosen in (("pale", [b.pale for b in scene.boxes]), ("lit", [b.lit for b in scene.boxes])):
        if any(chosen):
            lines.append(f"  class {','.join(f'n{place}' for place, yes in enumerate(chosen) if yes)} {name}")
    lines += ["  classDef plain fill:none,stroke:none", "  classDef pale stroke-dasharray:4 3,color:#6e7781",
              "  classDef lit stroke-width:3px"]  # fmt: skip
    lines += [f"  %% {mark} {text}".replace("%%{", "%% {") for mark, text in scene.legend]
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    text = _text(box.title) + (f"<br/>{_text(box.body)}" if box.body else "")
    return f'(["{text}"])' if box.is_input else f'["{text}"]'


def _edge(edge: Edge) -> str:
    arrow = "-->" if edge.visited else "-.->"
    arrow = "==>" if edge.lit else arrow
    text = " ← ".join(part for part in (edge.value, edge.message) if part)
    return f'{arrow}|"{_text(text)}"|' if text else arrow


def _text(text: str) -> str:
    """``text`` with every special letter as its code."""
    return "".join(f"#{ord(char)};" if char in _SPECIAL else char for char in text)


WRITER = Writer(".mmd", "for Mermaid, as GitHub draws it", _write)
