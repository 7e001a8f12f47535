"""`charrnn app` as a script: python app.py [--host HOST] [--port PORT] [--models DIR]; and a Hugging Face Space.

A Space installs `requirements.txt` and runs this file; README.md's first lines are its settings.
"""

import os
import sys

from charrnn.cli import main


def options(given: list[str]) -> list[str]:
    """Return the options of the app: those given or, on a Space, that it is open to others at the Space's address."""
    host = os.environ.get("SPACE_HOST")
    return given or (["--host", "0.0.0.0", "--public", f"https://{host}"] if host else [])


if __name__ == "__main__":
    main(["app", *options(sys.argv[1:])])
