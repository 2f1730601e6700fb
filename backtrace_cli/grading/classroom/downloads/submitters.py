"""Gradescope's submission_metadata.yml: who handed in which folder."""

from __future__ import annotations

from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError

__all__ = ["Submitter", "Submitters"]


class Submitter(NamedTuple):
    """One person of a submission."""

    name: str
    sid: str
    email: str

    @property
    def key(self) -> str:
        """What tells them from others: never the name, where there is anything else."""
        return (self.email or self.sid or self.name).strip().casefold()


class Submitters:
    """Who handed in which folder. Raises BacktraceError where the file says nothing of the kind.

    >>> text = b"submission_7:\\n  :submitters:\\n  - :name: Ada\\n    :sid: '12'"
    >>> Submitters(text).folders["submission_7"][0].sid
    '12'
    """

    def __init__(self, data: bytes) -> None:
        self.folders: dict[str, list[Submitter]] = {}
        for folder, told in _plain(data).items():
            listed = told.get(":submitters") if isinstance(told, dict) else None
            people = [_submitter(one) for one in listed or () if isinstance(one, dict)]
            self.folders[folder] = [one for one in people if one.key]
        if not any(self.folders.values()):
            raise BacktraceError("submission_metadata.yml does not say who handed in what",
                                 hint="export the submissions from Gradescope again")  # fmt: skip

    def people(self) -> list[tuple[Submitter, list[str]]]:
        """Everybody with their folders, by name."""
        found: dict[str, tuple[Submitter, list[str]]] = {}
        for folder, people in self.folders.items():
            for one in people:
                found.setdefault(one.key, (one, []))[1].append(folder)
        return sorted(found.values(), key=lambda item: (item[0].name.casefold(), item[0].key))

    def drawn_by(self, folder: str) -> str:
        """Whose numbers a submission has: in a group the first's by the alphabet, as in run_autograder."""
        return min(one.email.strip().lower() or one.key for one in self.folders[folder])


def _submitter(told: dict[str, Any]) -> Submitter:
    values = (told.get(key) for key in (":name", ":sid", ":email"))
    name, sid, email = ("" if value is None else str(value).strip() for value in values)
    return Submitter(name or email or sid, sid, email)


def _plain(data: bytes) -> dict[str, Any]:
    """The file as nested dictionaries, lists and text: no tag in it makes anything else."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        found = yaml.load(data, Loader=loader)  # which knows text, lists and tables alone
    except (yaml.YAMLError, RecursionError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise BacktraceError("submission_metadata.yml can't be read",
                             hint="export the submissions from Gradescope again")  # fmt: skip
    return {str(folder): told for folder, told in found.items()}
