"""A page as PDF: set by Typst, which the extra ``typst`` brings, or by a TeX that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.pages.document import Block
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers import latex, typst

__all__ = ["pdf"]

#: Programs that make a PDF of LaTeX, the best for names in any script first; and the seconds one may take.
_TEX, _PATIENCE = ("tectonic", "lualatex", "xelatex", "pdflatex"), 600


def pdf(blocks: Iterable[Block], wording: Wording | None = None, title: str = "") -> bytes:
    """The page as the bytes of a PDF. Raises BacktraceError where nothing here can make one."""
    try:
        import typst as setter
    except ImportError:
        return _by_tex(blocks, wording, title)
    source = "\n".join(typst.lines(blocks, wording, whole=True, title=title))
    with tempfile.TemporaryDirectory(prefix="backtrace-") as folder:  # Typst may read nothing outside of it
        path = os.path.join(folder, "page.typ")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        try:
            found: bytes = setter.compile(path, root=folder, format="pdf")
        except Exception as error:  # its own exception, which is no class of Python's
            raise BacktraceError(f"Typst could not set the page: {' '.join(str(error).split())[:300]}",
                                 hint="write it as .typ, and look at it with Typst") from None  # fmt: skip
    return found


def _by_tex(blocks: Iterable[Block], wording: Wording | None, title: str) -> bytes:
    program = next(filter(shutil.which, _TEX), None)
    if program is None:
        raise BacktraceError(
            "a PDF needs Typst or TeX, and neither is installed here",
            hint="pip install 'backtrace-cli[typst]', or write .html, .tex or .typ instead",
        )
    with tempfile.TemporaryDirectory(prefix="backtrace-") as folder:
        with open(os.path.join(folder, "page.tex"), "w", encoding="utf-8") as file:
            file.write("\n".join(latex.lines(blocks, wording, whole=True, title=title)))
        quiet = (
            ["page.tex"]
            if program == "tectonic"
            else ["-interaction=batchmode", "-no-shell-escape", "page.tex"]
        )
        try:
            for _ in range(1 if program == "tectonic" else 2):  # longtable looks at the run before
                subprocess.run([program, *quiet], cwd=folder, capture_output=True, timeout=_PATIENCE,
                               check=False, stdin=subprocess.DEVNULL)  # fmt: skip
            with open(os.path.join(folder, "page.pdf"), "rb") as made:
                return made.read()
        except (OSError, subprocess.SubprocessError):
            raise BacktraceError(f"{program} could not set the page",
                                 hint="write it as .tex, and look at it with TeX") from None  # fmt: skip
