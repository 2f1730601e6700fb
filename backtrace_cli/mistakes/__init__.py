"""Mistakes people make in backpropagation: the catalogue, replaying one, recognising one."""
