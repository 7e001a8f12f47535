"""`charrnn app` as a script: python app.py [--host HOST] [--port PORT] [--models DIR]."""

import sys

from charrnn.cli import main

if __name__ == "__main__":
    main(["app", *sys.argv[1:]])
