"""The Model Context Protocol over two streams: the part of it that a server of tools needs.

A message is one JSON-RPC object a line. Requests are answered in the order in which they come; what is no
request, or asks for what isn't there, gets an error and the next line is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple

from backtrace_cli import __version__
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible

__all__ = ["MOST_BYTES", "Served", "Tool", "serve"]

#: The versions of the protocol that are spoken, the newest first.
VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
#: A longer line is refused unread.
MOST_BYTES = 1_000_000
_PARSE, _INVALID, _NO_METHOD, _BAD_PARAMS, _INTERNAL = -32700, -32600, -32601, -32602, -32603


class Served(NamedTuple):
    """What a tool answers: a text to read, and the same as data."""

    text: str
    data: dict[str, Any]


class Tool(NamedTuple):
    """One thing that can be asked for."""

    name: str
    description: str
    properties: Mapping[str, dict[str, Any]]
    """Its arguments, each a JSON Schema."""
    required: tuple[str, ...]
    run: Callable[[dict[str, Any]], Served]

    def listed(self) -> dict[str, Any]:
        """How ``tools/list`` tells of it."""
        schema = {
            "type": "object",
            "properties": dict(self.properties),
            "required": list(self.required),
            "additionalProperties": False,
        }
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": schema,
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }


class _Refused(Exception):
    """What goes back as an error of the protocol."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def serve(tools: Mapping[str, Tool], requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer ``requests`` until they end. Nothing that stands in one makes it raise.

    >>> import io
    >>> out = io.BytesIO()
    >>> serve({}, io.BytesIO(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\\n'), out)
    >>> out.getvalue()
    b'{"jsonrpc":"2.0","id":1,"result":{}}\\n'
    """
    while True:
        line = requests.readline(MOST_BYTES + 1)
        if not line:
            return
        if len(line) > MOST_BYTES:
            while line and not line.endswith(b"\n"):
                line = requests.readline(MOST_BYTES)
            answer: Any = _error(None, _INVALID, f"a message has at most {MOST_BYTES:,} bytes")
        elif not line.strip():
            continue
        else:
            answer = _answer(tools, line)
        if answer is not None:
            answers.write(
                json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
                    "utf-8", "backslashreplace"
                )
                + b"\n"
            )
            answers.flush()


def _answer(tools: Mapping[str, Tool], line: bytes) -> Any:
    """What one line is answered; None where it asks for nothing."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return _error(None, _PARSE, "this is no JSON in UTF-8")
    if isinstance(message, list):  # several at once, as versions of 2025-03 may send them
        if not message or len(message) > 100:
            return _error(None, _INVALID, "a batch has 1 to 100 messages")
        return [found for one in message if (found := _one(tools, one)) is not None] or None
    return _one(tools, message)


def _one(tools: Mapping[str, Tool], message: Any) -> dict[str, Any] | None:
    if not isinstance(message, dict):
        return _error(None, _INVALID, "a message is an object")
    number = message.get("id")
    known = isinstance(number, (str, int, float)) and not isinstance(number, bool)
    if not isinstance(message.get("method"), str):
        if "result" in message or "error" in message:
            return None  # an answer, and nothing was asked
        return _error(number if known else None, _INVALID, "a message has a method")
    if "id" not in message:
        return None  # a notification
    if not known or message.get("jsonrpc") != "2.0":
        return _error(number if known else None, _INVALID, 'a request has "jsonrpc": "2.0" and an id')
    try:
        result = _result(tools, message["method"], message.get("params", {}))
    except _Refused as refused:
        return _error(number, refused.code, refused.message)
    return {"jsonrpc": "2.0", "id": number, "result": result}


def _result(tools: Mapping[str, Tool], method: str, params: Any) -> dict[str, Any]:
    if not isinstance(params, dict):
        raise _Refused(_BAD_PARAMS, "params is an object")
    if method == "ping":
        return {}
    if method == "initialize":
        asked = params.get("protocolVersion")
        return {
            "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
            "capabilities": {"tools": {"listChanged": False}},
            "serverInfo": {"name": "backtrace", "title": "backtrace", "version": __version__},
            "instructions": "Exact traces, verdicts and named mistakes of backpropagation. Quote the numbers "
            "and mistakes that the tools give; where they name no mistake, name none.",
        }
    if method == "tools/list":
        return {"tools": [tool.listed() for tool in tools.values()]}
    if method == "tools/call":
        return _called(tools, params)
    raise _Refused(_NO_METHOD, f"{visible(method[:60])} is nothing this server does")


def _called(tools: Mapping[str, Tool], params: dict[str, Any]) -> dict[str, Any]:
    name, given = params.get("name"), params.get("arguments")
    given = {} if given is None else given
    tool = tools.get(name) if isinstance(name, str) else None
    if tool is None:
        raise _Refused(_BAD_PARAMS, f"there is no such tool; there are {', '.join(tools)}")
    if not isinstance(given, dict):
        raise _Refused(_BAD_PARAMS, "arguments is an object")
    problem = _misgiven(tool, given)
    if problem:
        return _told(problem)
    try:
        found = tool.run(given)
    except BacktraceError as error:
        return _told(error.report())
    except MemoryError:
        return _told("this takes more memory than there is: ask for less")
    except Exception as error:  # a fault of ours must not end the conversation
        raise _Refused(_INTERNAL, f"backtrace made a mistake of its own ({type(error).__name__})") from None
    return {
        "content": [{"type": "text", "text": found.text}],
        "structuredContent": found.data,
        "isError": False,
    }


def _misgiven(tool: Tool, given: dict[str, Any]) -> str:
    """What is wrong with the arguments, in a sentence; empty where nothing is."""
    missing = [name for name in tool.required if name not in given]
    if missing:
        return f"{tool.name} needs {', '.join(missing)}"
    for name, value in given.items():
        schema = tool.properties.get(name)
        if schema is None:
            takes = ", ".join(tool.properties)
            return f"{tool.name} has no argument {visible(str(name)[:40])}: it takes {takes}"
        if not _fits(value, schema):
            return f"{name} is {_TYPES[schema['type']][1]}, at most {schema.get('maxLength', 0) or 'so'} long"
    return ""


_TYPES: dict[str, tuple[type, str]] = {
    "string": (str, "a text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "object": (dict, "an object of texts"),
}


def _fits(value: object, schema: dict[str, Any]) -> bool:
    kind = _TYPES[schema["type"]][0]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return False
    if isinstance(value, int):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    if isinstance(value, str):
        return len(value) <= int(schema.get("maxLength", len(value)))
    if isinstance(value, dict):
        return len(value) <= 100 and all(
            isinstance(one, str) and len(one) <= 20_000 for one in value.values()
        )
    return True


def _told(words: str) -> dict[str, Any]:
    """An error that the one who asked can mend."""
    return {"content": [{"type": "text", "text": words}], "isError": True}


def _error(number: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}
