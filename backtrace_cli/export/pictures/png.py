"""A picture as PNG, by way of SVG and CairoSVG, which the extra ``png`` brings."""

from __future__ import annotations

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.writer import Writer
from backtrace_cli.export.pictures.svg import svg

__all__ = ["WRITER"]

_SCALE = 2.0
#: CairoSVG knows no variables in a style sheet.
_COLOURS = {
    "--ink": "#1f2328", "--paper": "#ffffff", "--box": "#f6f8fa", "--rim": "#57606a", "--line": "#57606a",
    "--value": "#116329", "--message": "#b3151f", "--pale": "#6e7781", "--lit": "#0550ae",
    "--glow": "#fff1b8",
}  # fmt: skip


def _write(picture: Picture) -> bytes:
    try:
        import cairosvg
    except (ImportError, OSError):  # OSError: the library is there, and Cairo itself is not
        raise BacktraceError(
            "a PNG needs CairoSVG, which is not installed here",
            hint="pip install 'backtrace-cli[png]', or write an SVG: -o picture.svg",
        ) from None
    text = svg(picture)
    for name, colour in _COLOURS.items():
        text = text.replace(f"var({name})", colour)
    found: bytes = cairosvg.svg2png(bytestring=text.encode(), scale=_SCALE)
    return found


WRITER = Writer(".png", "pixels; needs the extra png", _write, curves=True)
