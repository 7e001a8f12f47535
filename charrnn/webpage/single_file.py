"""A network as one HTML file, which writes in any browser and loads nothing: the parts put together.

`view/` holds the page as a person sees it, `engine/` what runs in its worker; both are plain files. What comes from a
model stands in blocks that no browser runs, and reaches the page as textContent only.
"""

import base64
import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from charrnn import __version__, paths
from charrnn.config import CELL_LABELS, SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import Phrase, UserError
from charrnn.model.weights import NetworkWeights
from charrnn.storage import card, registry, saved_model
from charrnn.webpage.packed_weights import packed
from charrnn.webpage.page_texts import TEXTS

HERE = Path(__file__).parent
ENGINE = ("arithmetic", "inflate", "products", "network", "spelling", "choice", "stopping", "writer", "worker")
VIEW = ("words", "letters", "picture", "settings", "main")
PROMPT = "Naquela manhã de chuva, Helena abriu a carta e"


@dataclass(frozen=True)
class ModelFacts:
    """What the page tells of a model."""

    name: str
    bits: float | None = None  # per character of held-out text
    characters: int | None = None  # that it was trained on
    works: tuple[str, ...] = ()  # the names of those texts
    license: str = ""

    @classmethod
    def of(cls, directory: Path) -> "ModelFacts":
        """Return what the log and the card in a model directory state."""
        told = card.facts(directory)
        return cls(
            name=registry.spoken(directory.resolve()),
            bits=registry.entry(directory).bits_per_character,
            characters=told.characters,
            works=tuple(name.removesuffix(".txt") for name in told.texts),
            license=_license(directory),
        )


def _license(directory: Path) -> str:
    """Return the license in the metadata of a model's card; empty if there is none."""
    try:
        text = paths.read(directory / "README.md", registry.LARGEST_CARD).decode("utf-8", errors="replace")
    except OSError:
        return ""
    found = re.match(r"---\n(?:.*\n)*?license: *\"?([\w. -]+?)\"? *\n(?:.*\n)*?---\n", text)
    return found[1] if found else ""


def page(model: NetworkWeights, tokenizer: CharTokenizer, facts: ModelFacts, prompt: str = PROMPT) -> str:
    """Return a network as an HTML document. Raises UserError if it is joined to counts, or has an unknown cell."""
    refuse_unfit(model.config.counts, model.config.cell, facts.name)
    layout, deflated = packed(model)
    config, usual = model.config, SampleConfig()
    members = config.member_count
    shape = {
        "cell": config.cell, "hidden": config.hidden_size // members, "members": members, "layers": config.layers,
        "embed": config.embed, "vocabulary": config.vocab_size,
    }  # fmt: skip
    data = {
        "model": {"shape": shape, "layout": layout, "characters": tokenizer.characters},
        "facts": {**dataclasses.asdict(facts), "cell": CELL_LABELS[config.cell]},
        "settings": {name: getattr(usual, name) for name in ("length", "temperature", "top_p")},
        "prompt": prompt, "texts": TEXTS,
    }  # fmt: skip
    engine, view = _scripts("engine", ENGINE), f"(() => {{\n{_scripts('view', VIEW)}}})();\n"
    style = _read("view", "page.css")
    parts = {
        "policy": policy([engine, view], style), "version": __version__, "title": _text(facts.name),
        "style": style, "engine": engine, "view": view, "data": _block(data),
        "weights": base64.b64encode(deflated).decode("ascii"),
    }  # fmt: skip
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("view", "page.html"))


def page_of(directory: Path) -> str:
    """Return the network in a model directory as an HTML document. Raises UserError as `page` does."""
    config, _ = saved_model.read_config(directory)
    refuse_unfit(
        config.counts, config.cell, registry.spoken(directory)
    )  # before the counts are read, which takes seconds
    return page(*saved_model.read(directory), ModelFacts.of(directory))


def refuse_unfit(counts: str, cell: str, name: str) -> None:
    """Raise UserError for a network that no page can run."""
    from charrnn.sampling.compiled.cell_steps import COMPILED

    if counts == "joined":
        raise UserError("page-without-counts", name=name)
    if cell not in COMPILED:
        raise UserError("page-cell", name=name, expected=Phrase("one-of", choices=", ".join(COMPILED)), found=cell)


def policy(scripts: list[str], style: str) -> str:
    """Return the content security policy: these scripts and this style, a worker made of the page; no network."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"

    hashes = " ".join(map(digest, scripts))
    return (
        f"default-src 'none'; script-src {hashes} 'wasm-unsafe-eval'; style-src {digest(style)}; worker-src blob:; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _scripts(folder: str, names: tuple[str, ...]) -> str:
    return "\n".join(_read(folder, f"{name}.js") for name in names)


def _read(folder: str, name: str) -> str:
    return (HERE / folder / name).read_text(encoding="utf-8")


def _block(value: object) -> str:
    """Return JSON that cannot end its block of HTML."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
