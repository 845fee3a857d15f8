"""`python -m orchestration.cli`: the program where its script is not at hand.

Belongs here: starting it. Does not: anything else.
"""

from orchestration.cli.main import main

if __name__ == "__main__":
    main()
