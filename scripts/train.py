"""`charrnn train` as a script, for launchers that need a file, such as torchrun."""

import sys

from charrnn.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
