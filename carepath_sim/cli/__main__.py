"""``python -m carepath_sim.cli``: the program where nothing is installed beside Python."""

from carepath_sim.cli import main

if __name__ == "__main__":
    main()
