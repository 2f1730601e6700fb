"""The page of a trace in a real browser: opened from disk, walked through, printed, read aloud."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main

README = ("x^2 - (x+y)*y + y^2", "x=1,y=0")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def write(folder: Path, formula: str, at: str, *more: str) -> Path:
    path = folder / "trace.html"
    result = CliRunner().invoke(main, ["draw", formula, "--at", at, "-o", str(path), *more])
    assert result.exit_code == 0, result.output
    return path


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    """Under 60 kB for the README's formula, and no address of anything in it but a namespace's."""
    text = write(tmp_path, *README).read_text("utf-8")
    assert len(text.encode()) < 60_000
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(link|img|iframe|object|embed)\b|@import|url\(", text)


def test_a_thousand_steps_stay_small(tmp_path: Path) -> None:
    """A trace of 1,000 steps takes under 2 MB."""
    formula = "; ".join(["a0 = x*y", *(f"a{n} = sin(a{n - 1})*x" for n in range(1, 500)), "f = a499"])
    assert write(tmp_path, formula, "x=1,y=2").stat().st_size < 2_000_000


def test_without_a_script_it_is_the_whole_trace(tmp_path: Path) -> None:
    """What is not shown yet is hidden by the script alone."""
    text = write(tmp_path, *README).read_text("utf-8")
    body = text[text.index("<body") : text.index("<script>")]
    assert 'class="later' not in body
    assert "∂f/∂y = <b" in body
    assert "∂f/∂x = 2·x − y" in body


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra browser is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with playwright.sync_playwright() as running:
        context = running.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")), executable_path=CHROMIUM, headless=True, args=FLAGS,
            viewport={"width": 1400, "height": 900},
        )  # fmt: skip
        yield context
        context.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails the test where it says anything on its console, or asks the network for anything."""
    opened = browser.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: said.append(request.url) if request.url[:5] != "file:" else None)
    yield opened
    opened.close()
    assert not said


def shown(page: Any, selector: str) -> list[str]:
    return [part.text_content() for part in page.query_selector_all(selector) if part.is_visible()]


@pytest.mark.slow
def test_walked_through_by_keys_buttons_and_slider(page: Any, tmp_path: Path) -> None:
    """Row and edge are lit together, the fork's sum grows, and the way back is the way there."""
    page.goto(write(tmp_path, *README).as_uri())
    assert "the whole trace" in page.inner_text("[role=status]")
    page.keyboard.press("Home")
    assert not shown(page, "td[data-at]")
    assert not shown(page, "svg text.message")
    assert len(shown(page, "svg text.value")) == 5  # of x and y
    states = []
    for step in range(1, 17):
        page.keyboard.press("ArrowRight")
        row = page.query_selector("tr.lit")
        assert row.get_attribute("data-step") == str(step)
        assert row.get_attribute("aria-current") == "step"
        lit = page.query_selector_all("svg .lit")
        assert len(lit) == (1 if step <= 6 else 2)
        states.append((page.inner_text("[role=status]"), page.inner_text("main")))
    sums = [text for _, text in states]
    assert "y: 0 = 0 (1 of 3)" in sums[8]
    assert "y: 0 − 1 = −1 (2 of 3)" in sums[12]
    assert "y: 0 − 1 + 0 = −1 (3 of 3)" in sums[14]
    for step in range(15, 0, -1):
        page.click("button[data-go=back]")
        assert (page.inner_text("[role=status]"), page.inner_text("main")) == states[step - 1]
    page.focus("input[type=range]")
    page.keyboard.press("End")
    assert page.inner_text("[role=status]").startswith("Step 16 of 16")
    page.click("tr[data-step='3']")
    assert page.inner_text("[role=status]") == "Step 3 of 16, forward: v3 = v2·y = 1·0 = 0"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Any, tmp_path: Path, scheme: str) -> None:
    """Contrast, roles, names and order hold in light and in dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page.emulate_media(color_scheme=scheme)
    page.goto(write(tmp_path, "x^2 - max(0, y)*y", "x=1,y=0", "--wrt", "x").as_uri())
    page.keyboard.press("ArrowLeft")
    found = axe.Axe().run(page).response["violations"]
    assert [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ] == []


@pytest.mark.slow
def test_prints_on_one_sheet(page: Any, tmp_path: Path) -> None:
    """The README's formula takes one page of A4."""
    page.goto(write(tmp_path, *README).as_uri())
    data = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == 1


@pytest.mark.slow
def test_texts_take_the_room_they_were_given(page: Any, tmp_path: Path) -> None:
    """As the browser sets them, no label overlaps another, and every text of a box lies in its box."""
    page.goto(
        write(
            tmp_path, "softmax_ = exp(a)/(exp(a) + exp(b)); f = -log(softmax_)*c", "a=0.3,b=-1.7,c=2"
        ).as_uri()
    )
    bad = page.evaluate("""() => {
      const box = part => part.getBoundingClientRect(), bad = [];
      const labels = [...document.querySelectorAll('svg text.value, svg text.message')].map(box);
      labels.forEach((a, i) => labels.slice(i + 1).forEach(b => {
        if (a.left + 1 < b.right && b.left + 1 < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
          bad.push([a.x, a.y]);
      }));
      for (const group of document.querySelectorAll('svg .box')) {
        const rim = box(group.querySelector('rect'));
        for (const text of group.querySelectorAll('text')) {
          const room = box(text);
          if (room.left < rim.left || room.right > rim.right) bad.push(text.textContent);
        }
      }
      return bad;
    }""")
    assert bad == []


@pytest.mark.slow
def test_hostile_names_stay_names(page: Any, tmp_path: Path) -> None:
    """A formula that looks like markup is shown, never run."""
    formula = (
        "f = x*1  # </title></script><script>console.log('!')</script><img src=x onerror=console.log(1)>"
    )
    page.goto(write(tmp_path, formula, "x=1").as_uri())
    assert page.query_selector_all("img") == []
    assert len(page.query_selector_all("script")) == 1
