"""``python -m optviz`` is the command line."""

from optviz.cli import program

if __name__ == "__main__":
    program()
