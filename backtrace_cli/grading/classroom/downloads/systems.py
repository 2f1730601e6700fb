"""How each learning platform writes down people and files: one declaration each, for readers and reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["CANVAS", "GRADESCOPE", "MOODLE", "SYSTEMS", "System"]


class System(NamedTuple):
    """One platform's ways."""

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    """What is known of a person (``name``, ``id``, ``login``, ``email``, ``group``) -> the titles that its
    CSV files give the column; several are read from left to right."""
    file: re.Pattern[str] | None = None
    """A file, or a folder, in its download: groups ``person``, ``id`` and what else can be told."""
    metadata: str = ""
    """The file in its download that says whose each folder is."""


#: lastnamefirstname_[LATE_]userid_fileid_original; of an anonymous task the name is missing. What was typed
#: into Canvas ends in _text.html or _link.html instead.
CANVAS = System(
    "canvas", "Canvas",
    {"name": ("Student",), "id": ("ID",), "sis": ("SIS User ID",), "login": ("SIS Login ID",),
     "group": ("Section",)},
    re.compile(
        r"(?:(?P<person>(?!(?:LATE_)?anon_)\w+?)_)?(?:(?P<late>LATE)_)?"
        r"(?P<id>(?(person)\d{1,19}|anon_[A-Za-z0-9]{1,12}))_"
        r"(?:(?P<attempt>\d{1,19})_(?P<original>.+)|(?P<typed>text|link)\.html)"
    ),
)  # fmt: skip

#: Full name_participantid_assignsubmission_file_/…, or, in one folder, the file's name behind it. Of a team
#: it is the group's name, and that of those in no group has no number.
MOODLE = System(
    "moodle", "Moodle",
    {"name": ("Full name",), "id": ("Identifier",), "number": ("ID number",), "login": ("Username",),
     "email": ("Email address",), "group": ("Group",)},
    re.compile(
        r"(?P<person>.*?)(?:_(?P<id>\d{1,19}))?_assignsubmission_(?P<typed>[a-z]+)"
        r"(?:_(?P<original>.*))?"
    ),
)  # fmt: skip

#: submission_ID/…, and a file that tells who handed it in.
GRADESCOPE = System(
    "gradescope", "Gradescope",
    {"name": ("Name",), "id": ("SID",), "email": ("Email",), "group": ("Sections",)},
    re.compile(r"submission_(?P<attempt>\d{1,19})"),
    "submission_metadata.yml",
)  # fmt: skip

SYSTEMS = (CANVAS, MOODLE, GRADESCOPE)
