"""Each repair mends its fault, settles in one go, and leaves text alone that has no such fault."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, STORIES

from charrnn.corpus import clean
from charrnn.corpus.repairs import REPAIRS, chosen, repair
from charrnn.errors import UserError

# Text made of what the repairs look at, so that chance finds their corners.
PIECES = [
    "\ufeff", "\r", "\n", "\n\n", "\r\n", " ", "  ", "\t", "\f", "\0", "\x85", "\x97", "\xad", "\xa0", "\u200b",
    "\u2028", "-", "--", "---", "—", "–", "‐", "-\n", "\xad\n", '"', "'", "“", "”", "«", "»", "´", "a", "b", "A", "é",
    "e\u0301", "Ã", "Ã£", "Ã ", "â€œ", "Â", "nÃ£o", "ÃƒÂ£", ".", "!", ":", "3", "4", "5", "xii", "[7]", "palavra",
    "fazê", "lo", "disse", "lhe", "— Sim", "de que", "CAPÍTULO", "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
    "\nGutenberg\n", "*** END OF THE PROJECT GUTENBERG EBOOK X ***\n", "The Project Gutenberg EBook of X\n",
    "End of Project Gutenberg's X\n", "uma linha de prosa que chega quase à margem da página\n",
    "e que continua aqui sem ponto nem vírgula até ao\n",
    "Um parágrafo tão comprido que vale a pena procurar a sua cópia: havia na rua Direita quarenta e três relógios, e "
    "nenhum concordava com o vizinho; a viúva ficou parada no meio da oficina sem saber que hora escrever no papel.\n",
]  # fmt: skip
MESSY = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@pytest.mark.parametrize("name", REPAIRS)
@given(text=st.one_of(st.text(), MESSY))
def test_repairing_twice_changes_no_more_than_once(name: str, text: str) -> None:
    repaired, count = REPAIRS[name](text)
    assert (count > 0) == (repaired != text)
    assert REPAIRS[name](repaired) == (repaired, 0)


@pytest.mark.parametrize("name", REPAIRS)
@pytest.mark.parametrize("path", [STORIES, QUATRAINS], ids=lambda path: path.stem)
def test_nothing_is_changed_where_there_is_no_fault(name: str, path) -> None:
    text = path.read_text(encoding="utf-8")
    if name == "quotes":  # quadras.txt has straight ones
        text = text.replace("'", "’").replace('"', "”")
    assert REPAIRS[name](text) == (text, 0)


@given(st.one_of(st.text(), MESSY))
def test_the_default_is_what_reading_does(text: str) -> None:
    assert repair(text, ["default"])[0] == clean(text).lstrip("\ufeff")


def test_repairs_are_made_in_one_order_and_counted() -> None:
    text = "\ufeffnÃ£o\r\nfoi\u200b cafe\u0301\n"
    assert repair(text, ["spaces", "default", "mojibake"]) == repair(
        text, ["mojibake", "nfc", "newlines", "bom", "spaces"]
    )
    assert repair(text, ["spaces", "default", "mojibake"]) == (
        "não\nfoi café\n",
        {"bom": 1, "newlines": 1, "nfc": 1, "mojibake": 1, "spaces": 1},
    )
    assert chosen(["all"]) == tuple(REPAIRS)
    assert chosen(["unwrap"]) == ("hyphens", "unwrap")
    assert repair(text, []) == (text, {})


def test_an_unknown_repair_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"expected some of bom, newlines, .* default, all, found 'unwarp'"):
        repair("", ["nfc", "unwarp"])


def check(name: str, before: str, after: str, count: int | None = None) -> None:
    repaired, found = REPAIRS[name](before)
    assert repaired == after
    assert count is None or found == count


def test_characters() -> None:
    check("bom", "\ufeffa\ufeff", "a\ufeff", 1)
    check("newlines", "a\r\nb\rc\n\r\n", "a\nb\nc\n\n", 3)
    check("nfc", "cafe\u0301 ac\u0327a\u0303o\n", "café ação\n", 3)
    check("controls", "a\0b\x1bc\x7f\td\n", "abc\td\n", 3)
    check("controls", "fim.\n\fCAPÍTULO\fA", "fim.\nCAPÍTULO\nA", 2)
    check("controls", "\x93Sim\x94 \x97 disse\x81", "“Sim” — disse", 4)  # Windows-1252 read as Latin-1
    check("spaces", "10\xa0000\u2009km\u200b\ufeff", "10 000 km", 4)
    check("soft-hyphens", "pala\xadvra, dis\xad\nse ele", "palavra, disse\nele", 2)
    check("soft-hyphens", "tornou\xadlhe a dizer", "tornou-lhe a dizer", 1)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("pala-\nvra", "palavra"), ("pala¬\nvra", "palavra"), ("fazê-\nlo", "fazê-lo"),
        ("amá-\nlas hei", "amá-las\nhei"),
        ("disse-\nlhe que", "disse-lhe\nque"), ("tornou-\nse", "tornou-se"), ("fos-\nse", "fosse"),
        ("fra-\nse", "frase"), ("confor-\nme", "conforme"), ("me-\nnos", "menos"), ("deram-\nno", "deram-no"),
        ("meni-\nno", "menino"), ("dir-\nse-ia que", "dir-se-ia\nque"), ("dir-se-\nia", "dir-se-ia"),
        ("bem-\naventurança", "bem-aventurança"), ("mal-\nestar", "mal-estar"), ("além-\nmar", "além-mar"),
        ("deixou-\na só", "deixou-a\nsó"), ("Trás-os-\nMontes", "Trás-os-Montes"), ("estandar-\nte.", "estandarte."),
        ("idei-\nas", "ideias"), ("PALA-\nVRA", "PALAVRA"), ("pala- \n  vra, e", "palavra,\ne"),
        ("meia-\nnoite", "meia-noite"), ("bem-\nte-vi", "bem-te-vi"), ("pré-\nescola", "pré-escola"),
        ("pré-\ndio", "prédio"), ("ex-\naluno", "ex-aluno"), ("ex-\ncelente", "excelente"),
        ("segunda-\nfeira", "segunda-feira"),
        ("a pala-\nvra.\n\nOutra", "a palavra.\n\nOutra"), ("confundir-\n-se com", "confundir-se\ncom"),
        ("guardá-\n-las-ia", "guardá-las-ia"), ("Trás-os-\n-Montes,", "Trás-os-Montes,"),
    ],
)  # fmt: skip
def test_hyphens_at_line_ends(broken: str, whole: str) -> None:
    check("hyphens", broken, whole, 1)


def test_the_text_itself_decides_about_hyphens() -> None:
    check("hyphens", "guarda-\nchuva e guarda-chuva", "guarda-chuva\ne guarda-chuva", 1)
    check("hyphens", "guar-\nda e guarda", "guarda\ne guarda", 1)
    # A converter joined the others: what is left are hyphens that belong.
    rest = "; amor-perfeito, obra-prima, pôr-do-sol"
    check(
        "hyphens",
        "amor-\nperfeito obra-\nprima pôr-\ndo-sol água-\nfurtada" + rest,
        "amor-perfeito\nobra-prima\npôr-do-sol\nágua-furtada;\n" + rest[2:],
        4,
    )


def test_hyphens_that_are_repeated_on_the_next_line() -> None:
    """As Portuguese orthography has it since 1990; then a hyphen that is not repeated breaks a word."""
    check("hyphens", "guarda-\n-chuva e lam-\nbuzado", "guarda-chuva\ne lambuzado", 2)
    text = re.sub("\n+", "\n\n", STORIES.read_text(encoding="utf-8")[:9000]).rpartition("\n\n")[0] + "\n"
    text = re.sub(" (?:um|uma|que|para|não|com) ", " dir-se-ia ", text)
    broken = re.sub(r"(\w-)\n(\w)", r"\1\n-\2", wrapped(text, 50, "\n\n", on_hyphens=True))
    assert broken.count("-\n-") > 3
    assert repair(broken, ["unwrap"])[0].split() == text.split()
    turns = "Disse.\n-É a Ana-\n-Espere!\n"
    check("hyphens", turns, turns, 0)


def test_a_headword_that_ends_in_a_hyphen_is_no_broken_word() -> None:
    dictionary = "abade, s.m. superior de abadia.\nsub-\nprefixo de posição inferior.\n\nco-\nprefixo de companhia.\n"
    check("hyphens", dictionary, dictionary, 0)


def test_lost_hyphens() -> None:
    often = "Disse-lhe que não. " * 3
    check("lost-hyphens", often + "E disselhe mais.", often + "E disse-lhe mais.", 1)
    check("lost-hyphens", "Disse-lhe que não, disselhe.", "Disse-lhe que não, disselhe.", 0)
    twice = "Lembras-te, vi-te ver-te, ver-me, cor-te. " * 4
    check("lost-hyphens", twice + "Lembraste, verte, verme, corte.", twice + "Lembraste, verte, verme, corte.", 0)


@pytest.mark.parametrize("text", ["a sesta, —\nsegundo", "isto --\nou", "1890-\n1900", "- \nsim", "a-\n\nb"])
def test_other_dashes_at_line_ends_stay(text: str) -> None:
    check("hyphens", text, text, 0)


def wrapped(text: str, width: int, gap: str, *, on_hyphens: bool = False) -> str:
    """Every line of `text` filled to `width` characters, paragraphs parted by `gap`."""
    import textwrap

    lines = (
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=on_hyphens)
        for line in text.split("\n")
        if line
    )
    return gap.join(lines) + "\n"


@pytest.mark.parametrize("width", [45, 60, 72, 90])
def test_unwrap_undoes_wrapping(width: int) -> None:
    text = re.sub("\n+", "\n\n", STORIES.read_text(encoding="utf-8").strip()) + "\n"
    assert REPAIRS["unwrap"](wrapped(text, width, "\n\n"))[0] == text


def test_unwrap_without_empty_lines_finds_nearly_every_paragraph() -> None:
    """Where no empty line parts paragraphs, one that ends at the margin cannot be told from a line that was wrapped."""
    text = re.sub("\n+", "\n", STORIES.read_text(encoding="utf-8"))
    found = REPAIRS["unwrap"](wrapped(text, 70, "\n"))[0]
    expected, got = text.splitlines(), found.splitlines()
    assert len(set(expected) & set(got)) > 0.88 * len(expected)
    turns = [line for line in expected if line.startswith("— ") and line[-1] in ".!?…"]
    assert sum(line.startswith("— ") for line in got) >= len(turns) * 0.97


PROSE = wrapped(
    " ".join(STORIES.read_text(encoding="utf-8")[23:4000].replace("— ", "").split()).rpartition(" ")[0] + ".", 60, ""
)


@pytest.mark.parametrize(
    "kept",
    [
        "CAPÍTULO II\nONDE SE FALA DA VIÚVA\n",
        "— Que horas são?\n— Não sei.\n— Pois pergunte.\n",
        "O relógio da cozinha\nAdianta por vaidade;\nO da sala, que é de velho,\nAtrasa por amizade.\n",
        "\nno meio da noite\num galo sem dono\ncanta para ninguém\nou para o sono\n\n",
        "LÍDIA. — Que horas são?\nANSELMO (rindo). — Não sei.\n",
        "1. a corda\n2. o ponteiro\n3. o vidro\n",
        "• a corda\n• o ponteiro\n",
    ],
)
def test_unwrap_keeps(kept: str) -> None:
    joined = PROSE.replace("\n", " ").strip() + "\n"
    check("unwrap", PROSE + kept + PROSE, joined + kept + joined)


def test_unwrap_follows_the_margin() -> None:
    """A letter that is set narrower, and an indent that begins a paragraph."""
    letter = wrapped(PROSE.replace("\n", " "), 40, "\n")
    joined = PROSE.replace("\n", " ").strip() + "\n"
    found = REPAIRS["unwrap"](PROSE + letter + PROSE)[0]
    assert found.replace("\n", " ") == (joined * 3).replace("\n", " ")
    assert found.count("\n") <= 5  # where the margin changes, a sentence's end may seem a paragraph's
    full = "   " + PROSE.strip()[:-1] + ", até ao fim de mais um dia.\n"
    assert REPAIRS["unwrap"](full * 3)[0].count("\n") == 3


def test_verse_alone_stays() -> None:
    verse = "na beira do rio uma canoa\nque ninguém pôs e ninguém tira\nde noite sonha que é peixe\n"
    verse += "de dia é madeira e respira\n"
    check("unwrap", verse * 5, verse * 5, 0)


EVEN = """quando a noite vem pela estrada
sem pedir licença nem olhar
um cachorro late para a lua
que não sabe bem onde ficar
e o menino conta cada passo
das botas do avô no corredor
""".replace("das botas", "de botas")


@pytest.mark.parametrize("stanza", ["\n", ""])
def test_verse_of_lines_of_one_length_stays(stanza: str) -> None:
    words = sorted(set(re.findall("[a-zà-ÿ]{2,}", EVEN + PROSE.lower())))
    lines = [" ".join(words[n::7])[:34].rpartition(" ")[0] for n in range(7)]
    verse = stanza.join((EVEN + "".join(line.ljust(30, "s") + "\n" for line in lines)) for _ in range(6))
    check("unwrap", verse, verse, 0)


LINES = wrapped(" ".join(STORIES.read_text(encoding="utf-8").split()), 60, "").splitlines()
PAGES = ["\n".join(LINES[30 * number : 30 * number + 30]) + "\n" for number in range(12)]


def test_page_numbers() -> None:
    printed = "".join(f"{page}\n{number}\n\n" for number, page in enumerate(PAGES, 7))
    repaired, count = REPAIRS["pages"](printed)
    assert count == len(PAGES)
    assert repaired.replace("\n\n", "\n") == "".join(PAGES)
    assert repaired.count("\n\n") < len(PAGES)  # none is left where a page broke a sentence


def test_running_heads_go_and_the_title_stays() -> None:
    head, title = "CONTOS DE AGOSTO\n\n", "CONTOS DE AGOSTO\n\nPrimeira edição.\n\n"
    printed = "".join(f"\f{head}{page}\n{number}\n\n" for number, page in enumerate(PAGES, 7))
    repaired, count = REPAIRS["pages"](title + printed)
    assert count == 2 * len(PAGES)
    assert repaired.replace("\n\n", "\n") == (title + "".join(PAGES)).replace("\n\n", "\n")


def test_a_text_that_repeats_is_no_running_head() -> None:
    text = "".join(PAGES[:3]) * 4
    check("pages", text, text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{n}\n\nUm capítulo. Com pouca coisa dentro, é verdade, mas com princípio.\n\n" for n in range(1, 9)),
        "— Sim.\n\nEra o que ele dizia sempre, " * 9,
        "Ai de mim\nque não sei\nAi de mim\nque não vou\n" * 9,
    ],
)
def test_chapters_and_refrains_are_no_pages(text: str) -> None:
    check("pages", text, text, 0)


@pytest.mark.parametrize("numbers", ["1 2 3 4 5 6 7 8", "i ii iii iv v vi vii viii"])
@pytest.mark.parametrize("stanzas", [1, 6])
def test_numbers_of_stanzas_and_chapters_in_verse_stay(numbers: str, stanzas: int) -> None:
    chapters = [f"{number}\n\n" + (EVEN + "\n") * stanzas for number in numbers.split()]
    check("pages", "".join(chapters), "".join(chapters), 0)


BOOK = "DOM FULANO\n\nEra uma vez um homem que tinha dois nomes.\n"
LICENCE = "\n\nSection 1. General Terms of Use of Project Gutenberg-tm works\n\nblah blah\n"


@pytest.mark.parametrize(
    ("header", "footer"),
    [
        (
            "The Project Gutenberg EBook of Dom Fulano, by Ninguém\n\nLicence.\n\n"
            "*** START OF THIS PROJECT GUTENBERG EBOOK DOM FULANO ***\n\n\n"
            "Produced by A. Person and\nthe team at https://x.org\n\n\n",
            "\n\nEnd of the Project Gutenberg EBook of Dom Fulano\n\n"
            "*** END OF THIS PROJECT GUTENBERG EBOOK DOM FULANO ***\n"
            "*** START: FULL LICENSE ***" + LICENCE,
        ),
        (
            "**Welcome To The World of Free Plain Vanilla Electronic Texts**\n\nmore\n\n"
            "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n",
            "\n\nEnd of Project Gutenberg's Dom Fulano, by Ninguém\n",
        ),
        (
            "***START OF THE PROJECT GUTENBERG EBOOK, X***\n",
            "\n***END OF THE PROJECT GUTENBERG EBOOK, X***\n" + LICENCE,
        ),
    ],
)
def test_gutenberg(header: str, footer: str) -> None:
    check("gutenberg", header + BOOK + footer, BOOK)
    check("gutenberg", header + BOOK, BOOK)
    check("gutenberg", BOOK + footer, BOOK)
    check("gutenberg", (header + BOOK + footer) * 3, (BOOK.strip() + "\n\n\n") * 2 + BOOK)


def test_tables_of_contents_go_wherever_they_stand() -> None:
    headings = "Capítulo I\nCapítulo II\nCapítulo III\n"
    book = "".join(f"Capítulo {number}\n\nEra uma vez, e outra vez.\n\n" for number in ("I", "II", "III"))
    check("contents", f"O livro\n\nÍndice\n\n{headings}\n{book}", f"O livro\n\n{book}", 1)
    check("contents", f"O livro\n\n{book}Sumário:\n\n{headings}", f"O livro\n\n{book}", 1)
    check("contents", f"Índice\n\n{headings}", f"Índice\n\n{headings}", 0)  # of a text that is not here


def test_a_mention_of_gutenberg_stays() -> None:
    said = (
        f"{BOOK}\nEnd of Project Gutenberg é uma frase inglesa.\nEnd of Project Gutenberg's first book.\n\n{BOOK * 20}"
    )
    for text in ("Gutenberg imprimiu.\n" + BOOK, "The Project Gutenberg EBook of X\n" + BOOK, said):
        check("gutenberg", text, text, 0)


def test_duplicates() -> None:
    story = "Era uma vez.\n\n" + PROSE + "\nFim.\n"
    other = "Outra história, que não se parece com a primeira em nada.\n"
    check("duplicates", story + other + PROSE, story + other, 1)
    check(
        "duplicates", story + other + PROSE.replace("\n", " ") + "\n" + other, story + other + other, 1
    )  # other line ends
    check(
        "duplicates",
        PROSE[:150] + "\n" + other + PROSE[:150] + "\n",
        PROSE[:150] + "\n" + other + PROSE[:150] + "\n",
        0,
    )
    check("duplicates", "xx " * 500, "xx " * 500, 0)
    check("duplicates", "Rogai por nós, que o pedimos. " * 30, "Rogai por nós, que o pedimos. " * 30, 0)  # a litany
    line = PROSE.splitlines()[0] + " " + PROSE[:300].replace("\n", " ")
    check("duplicates", f"Antes. {line}. {line}. Depois.\n", f"Antes. {line}. Depois.\n", 1)  # twice at once


@pytest.mark.parametrize("parting", ["\n", "\n\n"])
@pytest.mark.parametrize("lines", [4, 6, 8])
def test_a_refrain_is_no_duplicate(parting: str, lines: int) -> None:
    verses = QUATRAINS.read_text(encoding="utf-8").replace("\n\n", "\n").splitlines()
    refrain = "\n".join(f"{one}, {other}" for one, other in pairwise(verses[: lines + 1]))
    stanzas = ["\n".join(verses[place : place + 4]) for place in range(12, 40, 4)]
    song = "".join(f"{stanza}{parting}{refrain}{parting}" for stanza in stanzas)
    check("duplicates", song, song, 0)
    check("duplicates", song + PROSE + "\n" + song, song + PROSE + "\n", 1)


def test_duplicates_finds_every_copy_of_two_hundred_characters() -> None:
    text = STORIES.read_text(encoding="utf-8")
    for start in range(1000, 20_000, 1777):
        line = text[start : start + 230].replace("\n", " ").strip() + "\n"
        repaired, count = REPAIRS["duplicates"](text + line)
        assert (repaired, count) == (text, 1)


def test_quotes() -> None:
    check(
        "quotes", '"Sim", disse. — "Não!" «Talvez» \'assim\' d\'água', "“Sim”, disse. — “Não!” “Talvez” ‘assim’ d’água"
    )
    check("quotes", "'Stá bem, sô'tor.", "’Stá bem, sô’tor.")


def test_dashes() -> None:
    check("dashes", "-- Sim -- disse ele, -não- sei --- 1890–1900 – e", "— Sim — disse ele, -não- sei — 1890–1900 — e")
    check("dashes", "- Sim.\n-Não, fazê-lo - ou não.\n-----\n3 - 2", "— Sim.\n— Não, fazê-lo — ou não.\n-----\n3 - 2")


@pytest.mark.parametrize("name", REPAIRS)
@pytest.mark.parametrize("unit", ["a", "-", "Ã", "Ã£", " ", '"', "'", "-\n", "a-\n", "\xad", "1\n", "ab c. "])
def test_long_repetition_costs_no_square(name: str, unit: str) -> None:
    REPAIRS[name](unit * (200_000 // len(unit)))


def test_nfc_is_what_unicodedata_says() -> None:
    text = unicodedata.normalize("NFD", STORIES.read_text(encoding="utf-8"))
    check("nfc", text, unicodedata.normalize("NFC", text))
