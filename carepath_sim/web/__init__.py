"""The commissioners' page: choose, move, run, read, take away."""
