"""What somebody probably meant: the nearest of the names that are known."""

from __future__ import annotations

from collections.abc import Iterable

from backtrace_cli.base.lengths import shorten

__all__ = ["nearest", "nearest_of"]


def nearest(name: str, known: Iterable[str], least: float = 0.5) -> str | None:
    """The one of the ``known`` names that ``name`` is most like, if any is so like it (of 1).

    >>> nearest("sigmiod", ["sin", "sigmoid"]), nearest("zzz", ["sin"])
    ('sigmoid', None)
    """
    from difflib import get_close_matches

    known = list(known)
    near = [name] if name in known else [other for other in known if other.lower() == name.lower()]
    return next(iter(near or get_close_matches(name[:40], known, 1, least)), None)


def nearest_of(name: str, known: Iterable[str], has: str) -> str:
    """A hint for somebody who named what is not among ``known``.

    >>> nearest_of("specis", ["length", "species"], "its columns:")
    'did you mean species?'
    """
    known = list(known)
    if near := nearest(name, known):
        return f"did you mean {shorten(near, 24)}?"
    names = ", ".join(shorten(other, 24) for other in known[:8]) + (" …" if len(known) > 8 else "")
    return f"{has} {names}" if names else "leave it out"
