"""Files of one's own, such as the learner's progress, and those that nobody made on purpose."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["PLACE", "left_behind", "own_file"]

#: The environment variable that names the progress file; the others stand beside it.
PLACE = "BACKTRACE_PROGRESS"


def own_file(name: str | None = None) -> Path:
    """Where the progress lies, or a file ``name`` beside it: as the environment says, or where the
    platform keeps such things."""
    named = os.environ.get(PLACE)
    if named:
        progress = Path(named)
    else:
        import platformdirs

        progress = Path(platformdirs.user_data_dir("backtrace", appauthor=False)) / "progress.json"
    return progress if name is None else progress.with_name(name)


def left_behind(name: str) -> bool:
    """Does a file manager or version control leave files of this name behind, which are not worth a word?

    >>> left_behind(".DS_Store"), left_behind("Thumbs.db"), left_behind("fork.toml")
    (True, True, False)
    """
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")
