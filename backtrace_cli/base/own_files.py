"""Where the files of one's own are kept, such as the learner's progress."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["PLACE", "own_file"]

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
