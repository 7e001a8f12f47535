"""Build charrnn as it is published, install the wheel elsewhere, and use it there.

    python scripts/check_wheel.py [--version 0.2.0] [--keep DIR]

The wheel goes into a new virtual environment that borrows the dependencies of this one. There, from a folder without
the checkout, text is sampled by the command and by `python -m charrnn`, and both servers answer. Needs
`pip install uv`.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

from check_lowest import ROOT, answer, charrnn

LARGEST = 60_000_000  # bytes of a wheel: more than half of it is the shipped models
PUBLISHED = {"charrnn", "corpora", "docs", "scripts", "tests"}  # folders of the source distribution
UV = (sys.executable, "-m", "uv")


def build(folder: Path) -> Path:
    """Build the source distribution, and from it the wheel. Return the wheel, once both hold what they should."""
    subprocess.run([*UV, "build", "-q", "--no-create-gitignore", "--out-dir", folder, ROOT], check=True)
    [wheel], [source] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    for path in (wheel, source):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
        assert path.stat().st_size <= LARGEST, path
    names = zipfile.ZipFile(wheel).namelist()
    assert "charrnn/py.typed" in names
    assert any(name.startswith("charrnn/pretrained/machado/") for name in names)
    assert all(name.startswith(("charrnn/", "charrnn-")) for name in names), names
    with tarfile.open(source) as archive:
        folders = {Path(name).parts[1] for name in archive.getnames() if len(Path(name).parts) > 2}
    assert folders == PUBLISHED, folders
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a new virtual environment. Return its interpreter."""
    subprocess.run([*UV, "venv", "-q", "--python", sys.executable, folder / "venv"], check=True)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([*UV, "pip", "install", "-q", "--no-deps", "--python", scripts / "python", wheel], check=True)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.check_output([scripts / "python", "-c", code], encoding="utf-8").strip()
    borrowed = sysconfig.get_path("purelib")  # an editable charrnn that is in it stays out of sight
    (Path(packages) / "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")
    return scripts / "python"


def use(interpreter: Path, folder: Path) -> None:
    """Sample, and ask both servers for a text."""
    place = subprocess.check_output(
        [interpreter, "-c", "import charrnn; print(charrnn.__file__)"], cwd=folder, encoding="utf-8"
    )
    assert Path(place.strip()).is_relative_to(folder), place
    command = [interpreter.with_name("charrnn"), "sample", "--length", "40", "--seed", "1"]
    text = subprocess.check_output(command, cwd=folder, encoding="utf-8")
    assert len(text) == 41, text
    assert charrnn(interpreter, folder, "sample", "--length", "40", "--seed", "1") == text
    asked = b'{"max_tokens": 40, "seed": 1}'
    for server in ("app", "serve"):
        assert text[:40] in answer(interpreter, folder, server, "/v1/completions", asked).decode("utf-8")
    assert b"gradio" in answer(interpreter, folder, "app", "/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--version", help="the version that is to be published")
    parser.add_argument("--keep", type=Path, help="leave what was built in this folder")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        wheel = build(arguments.keep or folder / "dist")
        use(install(wheel, folder), folder)
        assert arguments.version in (None, wheel.name.split("-")[1]), f"this is {wheel.name}, not {arguments.version}"
    print("the wheel works")


if __name__ == "__main__":
    main()
