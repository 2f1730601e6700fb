"""An engine of somebody's own at work: its objects made, added, multiplied, walked back, and read.

The engine is a class whose objects hold a number (or an array) and its gradient. What is to be done comes
as a program, plain data, so that it can be sent to a process in which the engine's file was imported.
Nothing is known here of what is right.
"""

from __future__ import annotations

import inspect
import operator
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Found", "Names", "NoEngine", "Patient"]

#: What its parts may be called, where nobody says: the first that it has.
_DATA = ("data", "value", "val", "_data", "array")
_GRADIENT = ("grad", "gradient", "_grad", "derivative")
_BACKWARD = ("backward", "backprop", "backpropagate")
_ZERO = ("zero_grad", "zero_gradients", "zero_grads", "zerograd")
_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "@": operator.matmul, "neg": operator.neg,
}  # fmt: skip
#: Its name in Python -> the special methods that a class gives it by, from the left and from the right.
METHODS = {
    "+": ("__add__", "__radd__"), "-": ("__sub__", "__rsub__"), "*": ("__mul__", "__rmul__"),
    "/": ("__truediv__", "__rtruediv__"), "**": ("__pow__", "__rpow__"), "@": ("__matmul__", "__rmatmul__"),
    "neg": ("__neg__", "__neg__"),
}  # fmt: skip
_AXIS = ("axis", "dim")


class NoEngine(Exception):
    """The class can't be used as an engine; the words say why."""


class Names(NamedTuple):
    """What the class calls its parts; empty where that is to be found out."""

    data: str = ""
    gradient: str = ""
    backward: str = ""
    zero: str = ""


class Found(NamedTuple):
    """What there is."""

    names: Names
    arrays: str
    """Does it take ``lists`` and makes arrays of them, or ``arrays`` themselves, or neither ("")?"""
    free: bool
    """Is backward a function of the file, not a method?"""
    offers: tuple[str, ...]
    """The names that can be called: methods, and functions of its file."""


class _Lacking(Exception):
    """The engine can't do this; the text says what."""


class Patient:
    """The engine, ready to be examined. Raises NoEngine where the class is none.

    >>> class Value:
    ...     def __init__(self, data):
    ...         self.data, self.grad, self.back = data, 0.0, lambda: None
    ...     def backward(self):
    ...         self.grad = 1.0
    >>> patient = Patient(Value, {})
    >>> patient.run({"nodes": [{"leaf": "x"}], "output": 0, "at": {"x": 3.0}, "rounds": "once"})["grads"]
    {'x': 1.0}
    """

    def __init__(self, engine: Any, space: Mapping[str, Any], names: Names | None = None) -> None:
        if not callable(engine):
            raise NoEngine("it is no class: there is nothing to make values with")
        names = names or Names()
        self.engine, self.space = engine, space
        self.tracks = "requires_grad" in _parameters(engine)
        self.as_array = False
        sample = self._first()
        self.sort = type(sample)
        self.names = Names(
            self._name("its number", sample, names.data, _DATA, "--data"),
            self._name("its gradient", sample, names.gradient, _GRADIENT, "--grad"),
            self._backward(sample, names.backward),
            names.zero or next((name for name in _ZERO if callable(getattr(sample, name, None))), ""),
        )
        self.free = not callable(getattr(sample, self.names.backward, None))
        self.arrays = self._takes_arrays()

    # -- what it is ----------------------------------------------------------

    def _first(self) -> Any:
        try:
            return self._call(3.0)
        except Exception as error:
            first = error
        try:
            self.as_array = True
            return self.make(3.0)
        except Exception:
            name = getattr(self.engine, "__name__", "it")
            raise NoEngine(f"{name}(3.0) raises {told(first)}") from None

    def _name(self, what: str, sample: Any, given: str, usual: Sequence[str], option: str) -> str:
        for name in [given] if given else usual:
            if hasattr(sample, name):
                return name
        tried = given or ", ".join(usual)
        raise NoEngine(
            f"its objects have no attribute for {what}: {tried} was looked for; name it with {option}"
        )

    def _backward(self, sample: Any, given: str) -> str:
        for name in [given] if given else _BACKWARD:
            if callable(getattr(sample, name, None)) or callable(self.space.get(name)):
                return name
        tried = given or ", ".join(_BACKWARD)
        raise NoEngine(f"nothing walks back: {tried} was looked for; name it with --backward")

    def _takes_arrays(self) -> str:
        first, square = self.as_array, [[1.0, 2.0], [3.0, 4.0]]
        for self.as_array in (False, True):
            try:
                held = getattr(self.make(square), self.names.data)
                if hasattr(held, "shape") and _plain(held, self.names.data) == square:
                    return "arrays" if self.as_array else "lists"
            except Exception:
                continue
            finally:
                self.as_array = first
        return ""

    @property
    def found(self) -> Found:
        """What there is, as far as it can be told without doing anything."""
        methods = {name for name in dir(self.sort) if name[0] != "_"}
        functions = {name for name, thing in self.space.items() if callable(thing) and name[0] != "_"}
        special = {name for pair in METHODS.values() for name in pair if hasattr(self.sort, name)}
        return Found(self.names, self.arrays, self.free, tuple(sorted(methods | functions | special)))

    # -- what it does --------------------------------------------------------

    def make(self, value: Any) -> Any:
        """One of its objects."""
        if self.as_array:
            import numpy as np

            value = np.array(value, dtype=float)
        return self._call(value)

    def _call(self, value: Any) -> Any:
        return self.engine(value, requires_grad=True) if self.tracks else self.engine(value)

    def run(self, program: Mapping[str, Any]) -> dict[str, Any]:
        """What comes out: ``value`` and ``grads``; or ``lacking``, what it can't do; or ``error``.

        Of ``rounds``: ``once``; ``afresh``, with the gradients cleared, built anew and walked back again;
        ``same``, with the gradients cleared and the same boxes walked back again. ``cleared`` then says
        by what.
        """
        self.as_array = program.get("as_array", False)
        try:
            leaves = {name: self.make(value) for name, value in program["at"].items()}
            out = self._built(program, leaves)
            reply: dict[str, Any] = {"value": self._read(out, self.names.data)}
        except _Lacking as error:
            return {"lacking": str(error)}
        except RecursionError:
            return {"lacking": "it recurses, once for each box, and Python has a limit to that"}
        except Exception as error:
            return {"lacking": told(error), "line": self._line(error)}
        try:
            self._walk_back(out)
            if program["rounds"] != "once":
                reply["cleared"] = self._clear(out, leaves)
                out = self._built(program, leaves) if program["rounds"] == "afresh" else out
                self._walk_back(out)
            reply["grads"] = {name: self._read(leaf, self.names.gradient) for name, leaf in leaves.items()}
        except RecursionError:
            return {"lacking": "the walk back recurses, once for each box, and Python has a limit to that"}
        except NotImplementedError as error:
            return {"lacking": told(error)}
        except Exception as error:
            return {**reply, "error": told(error), "line": self._line(error)}
        return reply

    def _built(self, program: Mapping[str, Any], leaves: Mapping[str, Any]) -> Any:
        made: list[Any] = []
        for node in program["nodes"]:
            if "leaf" in node:
                made.append(leaves[node["leaf"]])
            elif "constant" in node:
                made.append(node["constant"])
            else:
                args = [
                    made[arg] if "constant" not in program["nodes"][arg] or plain else self.make(made[arg])
                    for arg, plain in zip(node["args"], node["plain"], strict=True)
                ]
                made.append(self._done(node, args))
        out = made[program["output"]]
        if not hasattr(out, self.names.data):
            raise _Lacking(f"the result is no {self.sort.__name__} but {type(out).__name__}")
        return out

    def _done(self, node: Mapping[str, Any], args: list[Any]) -> Any:
        sign = node["how"][0]
        if sign in METHODS:
            own, turned = METHODS[sign]
            needed = own if hasattr(args[0], self.names.data) else turned
            if not hasattr(self.sort, needed):
                raise _Lacking(needed)
            return _OPERATORS[sign](*args)
        options = node.get("options", {})
        for name in node["how"]:
            held = getattr(args[0], name, None)
            if held is not None and not callable(held) and len(args) == 1:
                return held  # a property, such as x.T
            if callable(held):
                return _with_options(held, args[1:], options)
            if callable(self.space.get(name)):
                return _with_options(self.space[name], args, options)
        raise _Lacking(node["how"][0])

    def _walk_back(self, out: Any) -> None:
        name = self.names.backward
        self.space[name](out) if self.free else getattr(out, name)()

    def _clear(self, out: Any, leaves: Mapping[str, Any]) -> str:
        """Set all gradients to zero; by what: ``whole`` (one call clears a graph), ``each``, or ``hand``."""
        before = [self._read(leaf, self.names.gradient) for leaf in leaves.values()]
        clear = getattr(out, self.names.zero, None) if self.names.zero else None
        if clear is None and callable(self.space.get(self.names.zero)):
            self.space[self.names.zero](out)
            return "whole"
        if clear is None:
            for leaf in leaves.values():
                fresh = getattr(self.make(_numbers(getattr(leaf, self.names.data))), self.names.gradient)
                setattr(leaf, self.names.gradient, fresh)
            return "hand"
        clear()
        after = [self._read(leaf, self.names.gradient) for leaf in leaves.values()]
        whole = before != after
        for leaf in leaves.values():
            getattr(leaf, self.names.zero)()
        return "whole" if whole else "each"

    def _read(self, thing: Any, name: str) -> Any:
        return _plain(getattr(thing, name), self.names.data)

    def _line(self, error: BaseException) -> str:
        """The last place in the engine's own file: ``engine.py:12``."""
        module = sys.modules.get(getattr(self.engine, "__module__", ""))
        own = getattr(module, "__file__", None)
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
        return f"line {lines[-1]}" if lines and lines[-1] else ""


def told(error: BaseException) -> str:
    """``TypeError: …`` on one line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}"[:200] if words else type(error).__name__


def _parameters(engine: Any) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(engine).parameters)
    except (TypeError, ValueError):
        return ()


def _with_options(function: Any, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """The call with its options, the axis under the name that it knows."""
    if not options:
        return function(*args)
    known = _parameters(function)
    axis = next((name for name in _AXIS if name in known), _AXIS[0])
    return function(*args, **{axis if name == _AXIS[0] else name: value for name, value in options.items()})


def _plain(held: Any, data: str) -> Any:
    """A number, a nested list, or None; of an object that holds its number in turn, that one."""
    for _ in range(3):
        if held is None or isinstance(held, (int, float, list)) or hasattr(held, "tolist"):
            break
        held = getattr(held, data)
    return None if held is None else _numbers(held)


def _numbers(held: Any) -> Any:
    if hasattr(held, "tolist"):
        held = held.tolist()
    return [_numbers(one) for one in held] if isinstance(held, (list, tuple)) else float(held)
