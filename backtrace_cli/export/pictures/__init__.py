"""The media a graph can be drawn in: a file each, with its declaration in ``WRITER``."""
