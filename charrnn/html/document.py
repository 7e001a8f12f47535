"""A page of its own as one HTML document: a report or a text, to be read on any screen and printed."""

from pathlib import Path

from charrnn.errors.quantities import Language

STYLES = tuple(Path(__file__).with_name(name) for name in ("blocks.css", "page.css"))
# Nothing is fetched, and nothing runs.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def document(title: str, subtitle: str, body: str, language: Language, name: str = "") -> str:
    """Return one HTML document that needs nothing else, not even a script. name: what its window adds to the title."""
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    return (
        f'<!doctype html>\n<html lang="{"pt-BR" if language == "pt" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="generator" content="charrnn">\n'
        f"<title>{title}{name and ' · ' + name}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>{subtitle}</p></header>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
