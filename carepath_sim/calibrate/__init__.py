"""Fitting uncertain numbers of a scenario to what was observed, and saying what the data tell."""
