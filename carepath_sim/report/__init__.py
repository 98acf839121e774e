"""Reports: tables for the terminal, diagrams and pictures."""
