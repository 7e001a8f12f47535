"""The catalogue's facts hang together, and every name means one thing or is refused with a hint."""

import csv
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

from charrnn.corpus.catalogue import CatalogueEntry, catalogue, close_names, collections, is_catalogue_name, select
from charrnn.errors import UserError

works = st.sampled_from(catalogue())


def ids(name: str) -> list[str]:
    return [entry.id for entry in select(name)]


def slug(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "-".join(re.findall(r"\w+", plain.lower()))


def test_the_collections_are_whole() -> None:
    genres = {"cronicas": 24, "critica": 45, "miscelanea": 10, "poesia": 7, "teatro": 10, "traducoes": 3}
    expected = {"machado": 17, "eltec-por": 100, **{f"machado-{genre}": count for genre, count in genres.items()}}
    assert {name: len(select(name)) for name in collections()} == expected


def test_a_work_of_another_genre_is_selected_by_its_author_and_title() -> None:
    assert [entry.name for entry in select("machado:semana")] == ["machado-cronicas:semana"]
    assert [entry.name for entry in select("machado:quincas")] == ["machado:quincas"]


def test_facts_are_distinct_and_well_formed() -> None:
    for fact in ("name", "sha256", "address"):
        values = [getattr(entry, fact) for entry in catalogue()]
        assert len(set(values)) == len(values), fact
    for fact in ("id", "file"):  # also on file systems that do not know upper from lower case
        values = [getattr(entry, fact).casefold() for entry in catalogue()]
        assert len(set(values)) == len(values), fact
    for entry in catalogue():
        assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
        assert re.fullmatch(r"[\w.-]+\.(txt|xml)", entry.file, re.ASCII)
        assert entry.file.startswith(entry.id)
        assert urlsplit(entry.address).scheme == "https"
        assert entry.year is None or 1840 <= entry.year <= 1920
        assert 400 < entry.bytes < 2_000_000
        for text in (entry.author, entry.title, entry.licence):
            assert text == unicodedata.normalize("NFC", text).strip() != ""


@given(works, st.data())
def test_a_work_is_selected_by_its_id_and_by_its_title_however_typed(
    entry: CatalogueEntry, data: st.DataObject
) -> None:
    case = data.draw(st.sampled_from([str.lower, str.upper, str]))
    form = data.draw(st.sampled_from(["NFC", "NFD"]))
    title = unicodedata.normalize(form, data.draw(st.sampled_from([entry.title, slug(entry.title)])))
    for name in (entry.id, entry.name, f"{entry.collection}:{title}"):
        assert select(case(name)) == [entry]


@given(works, st.data())
def test_an_author_is_selected_by_the_whole_name_in_any_order(entry: CatalogueEntry, data: st.DataObject) -> None:
    words = data.draw(st.permutations(slug(re.sub(r"[\[(].*", "", entry.author)).split("-")))
    expected = [e for e in select(entry.collection) if e.author == entry.author]
    assert select(f"{entry.collection}:{'-'.join(words)}") == expected


@given(st.sampled_from(["machado", "eltec-por"]), st.text(st.sampled_from("aceilmorsuã-"), max_size=8))
def test_a_wish_means_one_work_or_one_author_or_is_refused(collection: str, wish: str) -> None:
    try:
        chosen = select(f"{collection}:{wish}")
    except UserError:
        return
    assert len(chosen) == 1 or len({entry.author for entry in chosen}) == 1
    assert all(f"{entry.collection}-".startswith(f"{collection}-") for entry in chosen)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eltec-por:eca", ["POR0005_EcaQue_Maias", "POR0008_EcaQue_Ramires", "POR0009_EcaQue_Amaro"]),
        ("eltec-por:Eça de Queirós", ["POR0005_EcaQue_Maias", "POR0008_EcaQue_Ramires", "POR0009_EcaQue_Amaro"]),
        ("eltec-por:castelo-branco", ["POR0010_CamCB_Perdicao", "POR0011_CamCB_Mulheres", "POR0012_CamCB_Misterios"]),
        ("eltec-por:camil", ["POR0010_CamCB_Perdicao", "POR0011_CamCB_Mulheres", "POR0012_CamCB_Misterios"]),
        ("eltec-por:ana-placido", ["POR0061_LopSou_Lagrimas"]),
        ("eltec-por:alice", ["POR0044_MAVC_Alice"]),  # a whole title, before two authors of that given name
        ("eltec-por:maias", ["POR0005_EcaQue_Maias"]),
        ("eltec-por:POR0010", ["POR0010_CamCB_Perdicao"]),
        ("POR0010_CamCB_Perdicao", ["POR0010_CamCB_Perdicao"]),
        ("MACHADO:dom-casmurro", ["domCasmurro"]),
        ("machado:casa-velha", ["casaVelha"]),  # not Relíquias de Casa Velha
        ("machado:bras_cubas", ["memoriasBras"]),
        ("machado:jaco", ["esau"]),
    ],
)
def test_names_people_type(name: str, expected: list[str]) -> None:
    assert ids(name) == expected
    assert is_catalogue_name(name)


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("machado:historias", ["historias-da-meia-noite", "historias-sem-data", "varias-historias"]),
        ("eltec-por:queiros", ["eca-de-queiros", "teixeira-de-queiros"]),
        ("eltec-por:amor", ["amor-de-perdicao", "amor-crioulo"]),  # whole words come before the author Amorim
        ("eltec-por:campos", ["campos-alfredo-luis-de", "campos-junior", "campos-claudia-de"]),
    ],
)
def test_what_fits_several_is_refused_with_names_that_fit_one(name: str, candidates: list[str]) -> None:
    with pytest.raises(UserError, match="single out one author or one work") as error:
        select(name)
    offered = re.findall(r"[\w-]+:[\w-]+", str(error.value).partition("found")[2])
    assert [offer.partition(":")[2] for offer in offered] == candidates
    assert len({tuple(select(offer)) for offer in offered}) == len(offered)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("machado:dom-casmuro", "machado:domCasmurro"),
        ("eltec-por:queros", "eltec-por:queiros"),
        ("eltec-por:camillo", "eltec-por:camilo"),
        ("machdo", "machado"),
        ("machdo:helena", "machado:helena"),
        ("domCasmuro", "domCasmurro"),
        ("machado:", "an author or a work of machado"),
        ("gutenberg:1234", "eltec-por, machado"),
    ],
)
def test_unknown_names_are_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UserError) as error:
        select(name)
    assert hint in str(error.value)
    assert str(error.value).startswith(f"{name}: expected ")


@pytest.mark.parametrize("text", ["a.txt", "textos/machado", "C:\\machado", "./helena", "-", "", "*.txt", "machdo"])
def test_files_are_no_catalogue_names(text: str) -> None:
    assert not is_catalogue_name(text)


def test_close_names_of_a_file_name() -> None:
    assert close_names("machdo") == ["machado"]
    assert close_names("texto.txt") == []


def test_importing_it_loads_nothing_heavy_and_asks_no_network() -> None:
    code = (
        "import sys\n"
        "from charrnn.corpus.catalogue import cache, obtain\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'numpy', 'requests', 'pooch', 'rich')))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_the_facts_are_those_of_the_shared_table() -> None:
    table = Path(os.environ.get("CHARRNN_CORPORA", "")) / "catalogue.tsv"
    if not os.environ.get("CHARRNN_CORPORA") or not table.is_file():
        pytest.skip("needs the table catalogue.tsv in CHARRNN_CORPORA")
    shared = [row for name in ("catalogue.tsv", "machado-other.tsv") for row in rows(table.with_name(name))]
    ours = {(e.id, e.author, e.title, str(e.year or ""), str(e.bytes), e.sha256, e.address) for e in catalogue()}
    facts = ("id", "author", "title", "first_edition", "bytes", "sha256", "url")
    assert ours == {tuple(row.get(fact, "") for fact in facts) for row in shared}


def rows(table: Path) -> Iterator[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.mark.slow
def test_the_wheel_holds_the_catalogue(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    assert "charrnn/corpus/catalogue/works.tsv" in zipfile.ZipFile(wheel).namelist()
