"""Run the command line from a checkout: ``python cli.py run`` is ``carepath run``."""

from carepath_sim.cli import main

if __name__ == "__main__":
    main()
