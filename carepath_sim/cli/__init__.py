"""The command line: one module a command, which parses, calls and prints."""


def main() -> None:
    """Run the program with the arguments of the command line, and exit with its code."""
    from carepath_sim.cli.app import app

    app(prog_name="carepath")
