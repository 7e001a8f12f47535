"""Cleaning changes nothing but the normal form, line ends and a BOM; and what stands in corpora/ is what it says."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, STORIES

from charrnn.corpus import clean, read_file, read_files


@given(st.text())
def test_clean_is_nfc_with_lf_and_does_no_more(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned or text.startswith("\ufeff")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\r" not in cleaned
    if "\r" not in text and not text.startswith("\ufeff"):
        assert cleaned == unicodedata.normalize("NFC", text)


def test_line_ends_and_bom(tmp_path) -> None:
    path = tmp_path / "dos.txt"
    path.write_bytes("\ufeffcafe\u0301\r\num\rdois\n".encode())
    assert read_file(path) == "café\num\ndois\n"


def test_files_are_joined_by_a_newline_in_the_order_given(tmp_path) -> None:
    for name, text in (("b", "primeiro"), ("a", "segundo\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_files([tmp_path / "b", tmp_path / "a"]) == "primeiro\nsegundo\n"


def test_our_stories() -> None:
    text = read_file(STORIES)
    assert text == STORIES.read_text(encoding="utf-8")  # already clean
    assert len(text) >= 50_000
    paragraphs = [line for line in text.splitlines() if len(line) > 20]
    assert len(set(paragraphs)) == len(paragraphs)
    for mark in "—“”?!…;ãõáéíóúâêôàç":
        assert mark in text


def test_our_quatrains() -> None:
    quatrains = read_file(QUATRAINS).strip().split("\n\n")
    assert len(quatrains) >= 60
    assert all(len(quatrain.splitlines()) == 4 for quatrain in quatrains)
    verses = re.findall(r".+", "\n".join(quatrains))
    assert len(set(verses)) == len(verses)
