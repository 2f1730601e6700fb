"""Every medium draws the same graph, and nothing in a name is taken for anything but a name."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from backtrace_cli.cli import main
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.pictures import names, writer
from backtrace_cli.export.pictures.svg import svg
from backtrace_cli.pages.wording import Wording
from tests.pictures.graphs import edges_of, random_trace
from tests.pictures.svg_reading import Rect, Svg, read_svg

README = ["draw", "x^2 - (x+y)*y + y^2", "--at", "x=1,y=0"]


def draw(*words: str) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def overlaps(found: Svg) -> list[str]:
    """Texts that lie on a line, on another text, or over the rim of a box."""
    lines = []
    for points in found.lines:
        for (x, y), (u, v) in zip(points, points[1:], strict=False):
            lines.append(Rect(min(x, u) - 0.3, min(y, v) - 0.3, abs(x - u) + 0.6, abs(y - v) + 0.6))
    bad = []
    for place, (text, room) in enumerate(found.texts):
        others = [other for n, (_, other) in enumerate(found.texts) if n != place]
        if any(room.meets(other) for other in others + lines):
            bad.append(text)
        for box in found.boxes.values():
            if room.meets(box) and box != room and not (box.holds(room.x, room.y) and
                                                        box.holds(room.x + room.width, room.y)):  # fmt: skip
                bad.append(text)
    return bad


def hold_svg(seed: int, most: int) -> None:
    trace = random_trace(seed, most)
    found = read_svg(svg(Picture(trace, Wording(), None, 10**6)))
    assert found.edges() == edges_of(trace.graph), seed
    assert not overlaps(found), seed


@pytest.mark.parametrize("seed", range(8))
def test_svg_reads_back_as_the_graph(seed: int) -> None:
    """Each line starts at the box that is read and its arrow meets the box that reads it."""
    hold_svg(seed, 30)


def test_the_readme_formula_in_every_medium() -> None:
    """What the command writes is what its consumers read."""
    tree = etree.fromstring(draw(*README, "--as", "svg").encode())
    assert tree.get("role") == "img"
    assert "x, from which" not in tree.find("{*}title").text
    assert "v1 = x², value 1, read by v4, from which 1 comes back." in tree.find("{*}desc").text
    assert draw(*README, "--as", "dot").count(" -> n") == 10
    assert draw(*README, "--as", "mermaid").count("-->") == 10
    assert draw(*README, "--as", "tikz").count("\\draw[->") == 10
    assert "(*) y:  0 − 1 + 0 = −1" in draw(*README, "--as", "terminal")


@pytest.mark.parametrize("name", names())
def test_a_medium_is_a_file(name: str) -> None:
    """Each declares its ending and says what it is."""
    found = writer(name)
    assert re.fullmatch(r"\.[a-z]+", found.ending)
    assert found.about


def test_a_new_medium_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the folder is a choice of the command and an ending of -o."""
    import backtrace_cli.export.pictures as folder

    (tmp_path / "shout.py").write_text(
        "from backtrace_cli.export.layout.writer import Writer\n"
        "WRITER = Writer('.loud', 'in capitals', lambda picture: picture.trace.formula.upper())\n"
    )
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "backtrace_cli.commands.draw", raising=False)
    assert draw("draw", "x*y", "--at", "x=1,y=2", "--as", "shout") == "X*Y"
    draw("draw", "x*y", "--at", "x=1,y=2", "-o", str(tmp_path / "a.loud"))
    assert (tmp_path / "a.loud").read_text() == "X*Y"
    monkeypatch.delitem(sys.modules, "backtrace_cli.commands.draw")


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """An ending nobody knows, or a place that isn't there, is said, and nothing is left behind."""
    for name, words in (("a.gif", "there is no picture that ends in .gif"), ("a", "has no ending"),
                        ("no/a.svg", "no such file or directory")):  # fmt: skip
        result = CliRunner().invoke(main, [*README, "-o", str(tmp_path / name)])
        assert result.exit_code == 2
        assert words in result.output
    assert not list(tmp_path.iterdir())


def test_upto_shows_what_is_known_then() -> None:
    """After backward:1 only that message stands on an edge; before it no value is missing."""
    whole = draw("draw", "x*y + x", "--at", "x=2,y=3")
    part = draw("draw", "x*y + x", "--at", "x=2,y=3", "--upto", "backward:1")
    none = draw("draw", "x*y + x", "--at", "x=2,y=3", "--upto", "forward:1")
    assert "(*) x:  1 + 3 = 4" in whole
    assert "(*)" in part
    assert "1 + 3" not in part
    assert " 8" in part
    assert " 8" not in none
    result = CliRunner().invoke(main, ["draw", "x*y", "--at", "x=2,y=3", "--upto", "backward:9"])
    assert result.exit_code == 2
    assert "the last is backward:2" in result.output


def test_png_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CairoSVG the reader is told what to install."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    result = CliRunner().invoke(main, [*README, "--as", "png"])
    assert result.exit_code == 2
    assert "backtrace-cli[png]" in result.output


def test_png_is_a_png() -> None:
    """With CairoSVG there is a picture of some size."""
    pytest.importorskip("cairosvg", reason="the extra png is not installed")
    result = CliRunner().invoke(main, [*README, "--as", "png"])
    assert result.stdout_bytes[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(result.stdout_bytes) > 5000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
def test_tikz_compiles(tmp_path: Path) -> None:
    """A real TeX sets every special letter, folded boxes, dashed lines and marks."""
    formula = "α = σ(x_1)*√(y); b = max(0, α) - x_1^2; f = b*α + 2^-x_1"
    draw("draw", formula, "--at", "x_1=1,y=2", "--wrt", "x_1", "-o", str(tmp_path / "a.tex"))
    found = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path,
                           capture_output=True, text=True, timeout=120)  # fmt: skip
    assert found.returncode == 0, found.stdout[-2000:]
    assert (tmp_path / "a.pdf").stat().st_size > 5000


def test_the_drawing_in_the_docs_is_fresh(tmp_path: Path) -> None:
    """docs/pictures.md says by which command its drawing was made; it is what that command draws now."""
    docs = Path(__file__).parents[2] / "docs"
    lines = re.findall(
        r"^    backtrace (draw .*) -o docs/(pictures/\S+)$", (docs / "pictures.md").read_text(), re.M
    )
    assert lines
    for words, name in lines:
        draw(*shlex.split(words), "-o", str(tmp_path / "fresh.svg"))
        assert (tmp_path / "fresh.svg").read_text() == (docs / name).read_text(), f"run backtrace {words}"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_it() -> None:
    """What is written for dot is what dot takes, marks and special letters included."""
    for words in (README, ["draw", "α = x*2; f = max(α, 0)/x", "--at", "x=1"]):
        text = draw(*words, "--as", "dot")
        found = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, timeout=60)
        assert found.returncode == 0, found.stderr
        assert not found.stderr


if __name__ == "__main__":  # python -m tests.pictures.test_media 2000
    for number in range(int(sys.argv[1])):
        hold_svg(number, 60)
    print(f"{sys.argv[1]} drawings read back")
