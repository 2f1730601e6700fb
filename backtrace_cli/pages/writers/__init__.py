"""Writers: a page into a medium, a file a medium."""
