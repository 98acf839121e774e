"""Experiments: runs of one scenario, comparisons of several, the way of one person."""
