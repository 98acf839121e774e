"""Local numbers: fitting to data and to targets."""
