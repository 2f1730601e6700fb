"""``backtrace mcp``: the protocol by hand, by the official client, and by a thousand requests."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from backtrace_cli.serving.own_process import Worker
from backtrace_cli.serving.protocol import MOST_BYTES, serve
from backtrace_cli.serving.tools import TOOLS

NET = {"formula": "z = W @ x + b; h = relu(z); L = sum((h - t)^2)",
       "at": "W=[[1,2],[3,-1]],x=[1,2],b=[0.5,0.25],t=[1,1]", "wrt": "W,b,x"}  # fmt: skip


FORK = "a = x*y; f = sin(a)*x"


def asked(*messages: Any) -> list[Any]:
    """What the server answers, all messages sent at once."""
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
    out = io.BytesIO()
    serve(TOOLS, io.BytesIO(b"\n".join(lines) + b"\n"), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def called(tool: str, **arguments: Any) -> dict[str, Any]:
    """The result of one call."""
    (answer,) = asked(
        {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    )
    found: dict[str, Any] = answer["result"]
    return found


def test_it_introduces_itself() -> None:
    """The handshake, in a version that the client asks for."""
    hello = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
    first, tools = asked(hello, {"jsonrpc": "2.0", "method": "notifications/initialized"},
                         {"jsonrpc": "2.0", "id": "a", "method": "tools/list"})  # fmt: skip
    assert first["result"]["protocolVersion"] == "2025-06-18"
    assert tools["id"] == "a"
    assert [one["name"] for one in tools["result"]["tools"]] == [
        "trace", "check_derivation", "hint", "diagnose", "verify"
    ]  # fmt: skip


def test_each_tool_answers() -> None:
    """Numbers as the trace has them, verdicts as eval --mine gives them."""
    assert called("trace", formula="x^2*y", at="x=3,y=2")["structuredContent"]["gradient"] == {
        "x": 12.0,
        "y": 9.0,
    }
    lines = called("check_derivation", **NET, derivation="dh = 2*(h - t)\ndz = dh*(z > 0)\ndx = W @ dz")
    assert [one["verdict"] for one in lines["structuredContent"]["lines"]] == ["right", "right", "wrong"]
    assert lines["structuredContent"]["lines"][2]["mistake"] == "transposed"
    assert lines["structuredContent"]["missing"] == ["W", "b"]
    found = called("diagnose", formula="f = a*y; a = x^2", at="x=5,y=3", answers={"x": "2*x"})
    assert found["structuredContent"]["answers"][0]["mistake"] == "factor left out"
    assert called("verify", formula="x^2*y", gradient={"x": "2*x*y"})["structuredContent"]["verified"] is True
    assert called("verify", formula="x^2*y", gradient={"x": "2*x"})["structuredContent"]["verified"] is False


def test_nothing_but_trace_tells_a_right_answer() -> None:
    """A hint is the same whatever the numbers are; checks show the student's value and not the trace's."""
    for level in (1, 2, 3):
        for more in ({"node": "x"}, {"derivation": "da = 2*y"}):
            said = [called("hint", formula=FORK, at=at, level=level, **more)["content"][0]["text"]
                    for at in ("x=2,y=3", "x=0.25,y=-7")]  # fmt: skip
            assert said[0] == said[1]
    for tool, more in (
        ("check_derivation", {"derivation": "dx = 7*x"}),
        ("diagnose", {"answers": {"x": "7*x"}}),
    ):
        text = json.dumps(called(tool, formula="f = x^3", at="x=2", **more))
        assert "12" not in text


@pytest.mark.parametrize(("arguments", "words"), [
    ({"formula": "x*(", "at": "x=1"}, "x*("), ({"at": "x=1"}, "trace needs formula"),
    ({"formula": "x", "at": "x=@/etc/passwd"}, "reads no file"), ({"formula": 3}, "formula is a text"),
    ({"formula": "x" * 30_000}, "at most 20000"), ({"formula": "x", "what": 1}, "no argument what"),
    ({"formula": " + ".join(f"x^{n}" for n in range(3, 600)), "at": "x=1"}, "more than 400 boxes"),
])  # fmt: skip
def test_what_cannot_be_used_is_told(arguments: dict[str, Any], words: str) -> None:
    """In the answer, so that the model can mend it."""
    found = called("trace", **arguments)
    assert found["isError"]
    assert words in found["content"][0]["text"]


def _odd(draw: random.Random) -> bytes:
    """A message that may be anything."""
    values: list[Any] = [
        None,
        1,
        -1.5,
        "x",
        [],
        {},
        True,
        "tools/call",
        [1, {"a": 2}],
        "2.0",
        "x*y",
        {"name": "trace"},
    ]
    kind = draw.randrange(6)
    if kind == 0:
        return bytes(draw.randrange(256) for _ in range(draw.randrange(40))).replace(b"\n", b" ")
    if kind == 1:
        return b"[" * draw.randrange(1, 3000)
    message = {
        key: draw.choice(values) for key in ("jsonrpc", "id", "method", "params") if draw.random() < 0.8
    }
    if kind > 2:
        message |= {"jsonrpc": "2.0", "id": draw.randrange(99), "method": "tools/call", "params": {
            "name": draw.choice([*TOOLS, "nothing", None]),
            "arguments": {name: draw.choice([*values, "x=2,y=3", "dx = y", {"x": "y"}])
                          for name in ("formula", "at", "derivation", "answers", "gradient", "node", "level")
                          if draw.random() < 0.5}}}  # fmt: skip
    return json.dumps(message).encode()


@pytest.mark.parametrize("many", [60, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_thousand_requests(many: int) -> None:
    """Malformed ones among them; whatever has an id is answered, and the last one as the first."""
    draw = random.Random(5)
    good = json.dumps({"jsonrpc": "2.0", "id": "good", "method": "tools/call", "params": {
        "name": "verify", "arguments": {"formula": "x*y", "gradient": {"x": "y"}}}}).encode()  # fmt: skip
    lines = [good if number % 10 == 9 else _odd(draw) for number in range(many)]
    answers = asked(*lines, b"x" * (MOST_BYTES + 5), good)
    fine = [one for one in answers if isinstance(one, dict) and one.get("id") == "good"]
    assert len(fine) == many // 10 + 1
    assert all(one["result"]["structuredContent"]["verified"] for one in fine)
    assert not [
        one for one in answers if isinstance(one, dict) and one.get("error", {}).get("code") == -32603
    ]
    assert answers[-2]["error"]["message"].startswith("a message has at most")


@pytest.mark.slow
def test_what_takes_too_long_is_given_up() -> None:
    """And the next question is answered, by a new process."""
    worker = Worker(0.05)
    tools = worker.tools(TOOLS)
    try:
        with pytest.raises(Exception, match="longer than"):
            tools["trace"].run({"formula": "x^2", "at": "x=1"})
        worker.seconds = 60
        assert tools["trace"].run({"formula": "x^2", "at": "x=3"}).data["gradient"] == {"x": 6.0}
    finally:
        worker.close()


@pytest.mark.slow
def test_the_official_client() -> None:
    """A session of the protocol's own package with the command in a process."""
    mcp = pytest.importorskip("mcp")
    anyio = pytest.importorskip("anyio")
    from mcp.client.stdio import StdioServerParameters, stdio_client

    async def session() -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "backtrace_cli", "mcp"], env=dict(os.environ)
        )
        async with stdio_client(server) as (read, write), mcp.ClientSession(read, write) as client:
            hello = await client.initialize()
            assert (getattr(hello, "serverInfo", None) or hello.server_info).name == "backtrace"
            assert {one.name for one in (await client.list_tools()).tools} == set(TOOLS)
            for number in range(1_000):
                if number % 4 == 3:
                    found = await client.call_tool("trace", {"formula": "x*(", "at": "x=1"})
                    assert getattr(found, "isError", None) or getattr(found, "is_error", None)
                    continue
                found = await client.call_tool("trace", {"formula": "x^2*y", "at": f"x={number},y=2"})
                data = getattr(found, "structuredContent", None) or found.structured_content
                assert data["gradient"]["x"] == 4.0 * number

    anyio.run(session)


def test_the_command() -> None:
    """Standard input to standard output, and the end of it ends the command."""
    line = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'
    found = subprocess.run(
        [sys.executable, "-m", "backtrace_cli", "mcp"], input=line, capture_output=True, text=True
    )
    assert (found.returncode, found.stdout) == (0, '{"jsonrpc":"2.0","id":1,"result":{}}\n')
