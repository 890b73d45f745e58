"""One module per outside system: what the floors below ask for by their ports."""
