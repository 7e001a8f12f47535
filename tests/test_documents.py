"""The documents: they say what is there, README and LEIAME say the same, and the examples run."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from support import ROOT

import charrnn
from charrnn.lens import trace
from charrnn.storage import registry

READMES = ("README.md", "LEIAME.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def slugs(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a text."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", READMES)
def test_two_commands_begin(name: str) -> None:
    """A newcomer copies one line to start, and one to test."""
    assert "python -m pip install -e . && charrnn app\n" in read(name)
    assert 'python -m pip install -e ".[test]" && python -m pytest' in read(name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)]
    for path, _, anchor in (target.partition("#") for target in targets if "://" not in target):
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), path
        assert not anchor or anchor in slugs(linked.read_text(encoding="utf-8")), f"{path}#{anchor}"


def test_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", read("docs/python.md"), flags=re.DOTALL)
    assert len(blocks) > 3
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHARRNN_MODEL", raising=False)
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert "seen" in names


def test_the_guide_to_python_lists_the_public_names() -> None:
    listed = read("docs/python.md").partition("## Public names")[2].partition("whole public interface")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == set(charrnn.__all__)


def test_prompts_are_words_that_the_model_has_read() -> None:
    """It completes them from their first three letters; a name that it has never met would surprise it."""
    text = "".join(read(name) for name in (*READMES, "docs/sample.md", "docs/look-inside.md"))
    prompts = re.findall(r'charrnn sample .*?--prompt "(.*?)"|charrnn inspect "(.*?)"', text)
    model, tokenizer = charrnn.load(registry.SHIPPED / registry.DEFAULT)
    assert len(prompts) >= 3
    for word in {word for found in prompts for word in "".join(found).split() if len(word) > 3}:
        assert trace(model, tokenizer, word).surprisal[3:].max() < 1, word


def tree(text: str) -> list[str]:
    """Return the paths in the tree of a README, from its last code block."""
    block = re.findall(r"```\n(\.\n.*?)```", text, flags=re.DOTALL)[-1]
    paths: list[str] = []
    above: list[str] = []
    for line in block.splitlines()[1:]:
        branch, _, entry = re.split("(── )", line, maxsplit=1)
        depth = len(branch) // 4
        above[depth:] = [entry.split()[0].rstrip("/")]
        paths.append("/".join(above))
    return paths


def blocks(text: str) -> list[str]:
    """Return the code blocks, without comments, and without the tree, whose words differ."""
    found = re.findall(r"```\w*\n(.*?)```", text, flags=re.DOTALL)
    return [re.sub(r" *#.*", "", block) for block in found if not block.startswith(".\n")]


def test_both_readmes_say_the_same() -> None:
    """As far as form tells: the levels of headings, code, links and pictures, inline code, figures, the tree."""
    english, portuguese = map(read, READMES)
    for pattern in (r"^#+ ", r"\]\((?!README|LEIAME)(.+?)\)", r"`([^`\n]+)`", r"\b\d+\.\d{4}\b", r"^\| "):
        found = [re.findall(pattern, text, flags=re.MULTILINE) for text in (english, portuguese)]
        assert found[0] == found[1], pattern
    assert blocks(english) == blocks(portuguese)
    assert tree(english) == tree(portuguese)


def test_the_readme_is_short() -> None:
    """But for the settings of a Space above it."""
    assert all(len(re.sub(r"^---\n.*?\n---\n", "", read(name), flags=re.DOTALL).splitlines()) < 154 for name in READMES)


def test_a_space_installs_what_the_package_needs() -> None:
    """At the lowest gradio that is allowed, in a Python that is; `app.py` opens it to others at the Space's address."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    needed = {one for one in project["dependencies"] if not one.startswith("gradio")}
    assert {line for line in read("requirements.txt").splitlines() if line[0] not in "#-"} == needed
    settings = dict(line.split(": ") for line in read("README.md").split("---\n")[1].splitlines())
    assert f"gradio>={settings['sdk_version'].removesuffix('.0')},<7" in project["dependencies"]
    assert (ROOT / settings["app_file"]).is_file()
    assert any(one.endswith(settings["python_version"].strip('"')) for one in project["classifiers"])


def test_figures_of_the_readme_are_in_the_benchmarks() -> None:
    figures = set(re.findall(r"\b\d+\.\d{4}\b", read("README.md")))
    assert figures
    assert figures <= set(re.findall(r"\b\d+\.\d{4}\b", read("docs/benchmarks.md")))


def test_the_tree_names_what_is_there() -> None:
    """Every path exists; every top-level entry and every room of the package is named."""
    named = tree(read("README.md"))
    missing = [path for path in named if not (ROOT / path).exists()]
    assert not missing
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("needs the checkout's list of files")
    files = [Path(line).parts for line in listed.stdout.splitlines() if (ROOT / line).exists()]
    tops = {parts[0] for parts in files}
    rooms = {f"charrnn/{parts[1]}" for parts in files if parts[0] == "charrnn"}
    assert tops - {path.split("/")[0] for path in named} == set()
    assert rooms - set(named) == set()


def test_the_changelog_begins_with_this_version() -> None:
    dated = re.search(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", read("CHANGELOG.md"), flags=re.MULTILINE)
    assert dated
    assert dated[1] == charrnn.__version__
