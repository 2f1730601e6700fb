"""The subcommands: a file each, with the click command in ``command``. The file's name is the command's."""
