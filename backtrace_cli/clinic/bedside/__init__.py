"""The engine itself at work, in a process of its own: what it is, what it is told to do, what comes out."""
