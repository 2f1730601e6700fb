"""One answer beside the trace: equal, different with a witness, or undecided."""
