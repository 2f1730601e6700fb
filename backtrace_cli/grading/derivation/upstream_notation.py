"""The ways in which people write ∂L/∂h: ``dh``, ``dL/dh``, ``dL_dh``, ``h.grad``, ``grad_h``, ``δ_h``."""

from __future__ import annotations

import re

from backtrace_cli.language.tokens.lexer import normal_name

__all__ = ["Notation"]

_SLOPE = r"(?:∂|d|\\partial\s*)"
_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.grad\b)?")


class Notation:
    """How people write the gradients of the nodes called ``targets``; ``names`` have meanings of their own.

    >>> plain = Notation("L", {"h", "W"}, {"h", "W", "L"}).plainly
    >>> plain("∂L/∂h * W.grad + grad_h")
    '   dh *     dW +     dh'
    """

    def __init__(self, output: str, targets: set[str], names: set[str]) -> None:
        self.names = names
        self.targets = {f"d{name}": name for name in targets if f"d{name}" not in names}
        """The name of a gradient, and the node that it belongs to."""
        self._spelled: dict[str, str] = {}
        for short, name in self.targets.items():
            for spelled in (f"grad_{name}", f"{name}_grad", f"{name}.grad", f"d{output}_d{name}", f"d_{name}",
                            f"d{output}d{name}", f"d{output}_{name}", f"delta_{name}", f"δ_{name}",
                            f"δ{name}", f"∂{name}"):  # fmt: skip
                if spelled not in names and spelled not in self.targets:
                    self._spelled.setdefault(spelled, short)
        out = re.escape(output)
        self._fractions = (
            re.compile(rf"(?<![\w.]){_SLOPE}{out}\s*/\s*{_SLOPE}(\w+)"),
            re.compile(rf"\\[dt]?frac\s*\{{{_SLOPE}{out}\}}\s*\{{{_SLOPE}(\w+)\}}"),
            re.compile(rf"∇_?\{{?(\w+)\}}?(?:\s*{out}\b)?"),
        )

    def plainly(self, text: str) -> str:
        """``text`` with ``dh`` for each way to write ∂L/∂h, padded so that columns stay where they were."""

        def named(found: re.Match[str]) -> str:
            short = f"d{normal_name(found[1])}"
            return short.rjust(len(found[0])) if short in self.targets else found[0]

        for pattern in self._fractions:
            text = pattern.sub(named, text)
        return _WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        short = self._spelled.get(found[0]) or self._spelled.get(normal_name(found[0]))
        return short.rjust(len(found[0])) if short else found[0]
