"""The compiled engine's kernel: the rules of the care model over arrays."""
