"""What is published agrees with itself: dependencies, the lock file, the versions of Python."""

import re
import tomllib
from urllib.parse import urlsplit

from support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_lock_file_is_of_these_dependencies_and_names_public_hosts_only() -> None:
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    [own] = [package for package in tomllib.loads(text)["package"] if package["name"] == "charrnn"]
    locked = {
        f"{one['name']}{one['specifier']}"
        for one in own["metadata"]["requires-dist"]
        if "extra ==" not in one.get("marker", "")
    }
    needed = {re.sub(r"^[\w.-]+", lambda name: name[0].replace("_", "-"), one) for one in PROJECT["dependencies"]}
    assert {"".join(sorted(one)) for one in locked} == {"".join(sorted(one)) for one in needed}, "run `uv lock`"
    hosts = {urlsplit(url).netloc for url in re.findall(r'"((?:https?|file)://[^"]*)"', text)}
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_each_python_that_is_named_is_one_that_ci_runs() -> None:
    named = re.findall(r"Python :: (\d\.\d+)", "\n".join(PROJECT["classifiers"]))
    matrix = re.search(r"python: \[(.*?)\]", (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert matrix
    assert named == re.findall(r"\d\.\d+", matrix[1])
    assert named[0] == PROJECT["requires-python"].removeprefix(">=")
