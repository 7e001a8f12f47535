"""Laws of the character model, and what it must tell apart: the encodings that Portuguese was ever kept in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import STORIES

from charrnn.corpus import portuguese
from charrnn.corpus.portuguese import CHARACTERS, PORTUGUESE, CharacterStatistics, Model, choose

ENCODINGS = ("windows-1252", "cp850", "mac-roman", "iso8859-2", "cp437", "gb18030", "shift_jis", "utf-16-le")

LINES = [
    "coração",
    "só à noite",
    "AÇÃO!",
    "Não sei o que é que você vê nessa mulher.",
    "— Então, amanhã às três? — perguntou João.",
    "“Sim”, disse ele… e saiu.",
    "Êle foi á pharmacia e fallou com o prompto doutor; elle não lhe deu attenção.",
    "O CAPITÃO-MÓR NÃO ESTÁ, FOI À VILA.",
    "mto bom!! tô indo aí, é só vc esperar né",
    "De: José Conceição\r\nPara: Inês\r\n",
]

texts = st.text(st.characters(exclude_categories=())) | st.text("aáÁ\n\r \t5€", max_size=12)


@given(texts)
def test_every_string_has_finite_positive_bits(text: str) -> None:
    surprisals = portuguese.surprisals(text)
    assert surprisals.shape == (len(text),)
    assert np.isfinite(surprisals).all()
    assert (surprisals > 0).all()


@pytest.mark.parametrize("before", ["", "n", "ca", "NÃ", "1.", "€\n", "日本"])
def test_probabilities_sum_to_one(before: str) -> None:
    """Over all of Unicode: those that the model lists, one by one; the others all alike."""
    skip = len(before.encode("utf-16-le")) // 2
    assert skip == len(before)
    listed = {character for symbol in portuguese.SYMBOLS[:-1] for character in (symbol, symbol.upper()[:1])}
    listed |= set("0123456789\r")
    total = sum(2 ** -portuguese.surprisals(before + character)[-1] for character in listed)
    other = 2 ** -portuguese.surprisals(before + "日")[-1]
    assert other == 2 ** -portuguese.surprisals(before + "😀")[-1]
    assert total + other * (CHARACTERS - len(listed)) == pytest.approx(1)


@given(st.text("coraçãõ \n", max_size=20), st.integers(0, 20))
def test_a_character_depends_on_the_two_before_it(text: str, cut: int) -> None:
    whole = portuguese.surprisals(text)
    assert whole[:cut] == pytest.approx(portuguese.surprisals(text[:cut]))
    if 2 <= cut < len(text):
        assert whole[cut:] == pytest.approx(portuguese.surprisals("x" * 9 + text[cut - 2 :])[11:])


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    text = STORIES.read_text(encoding="utf-8")[:1000]
    whole = portuguese.surprisals(text)
    monkeypatch.setattr(portuguese, "BLOCK", 7)
    assert portuguese.surprisals(text) == pytest.approx(whole)


def test_witten_bell_by_hand() -> None:
    """In "aba", a is followed once by b; so half of what follows an a, and a share of the rest."""
    counts = CharacterStatistics.of(["aba"])
    a, b = portuguese.SYMBOLS.index("a"), portuguese.SYMBOLS.index("b")
    model = Model(counts)
    alone = (1 / 3 + 1e-6) / (1 + 1e-6 * len(portuguese.SYMBOLS))
    after_a = (1 + alone) / 2
    assert counts.symbols.sum() == 3
    assert counts.symbols[0, a, b] == counts.symbols[a, b, a] == counts.symbols[0, 0, a] == 1
    assert 2 ** -model.bits[0, a, b] == pytest.approx((1 + after_a) / 2)


def test_portuguese_has_fewer_bits_than_other_languages() -> None:
    story = portuguese.surprisals(STORIES.read_text(encoding="utf-8")).mean()
    assert story < 3.3
    for other in (
        "The morning was cold, and nobody in the village had slept.",
        "Der Morgen war kalt, und niemand im Dorf hatte geschlafen.",
        "Le matin était froid, et personne au village n'avait dormi.",
    ):
        assert portuguese.surprisals(other).mean() > story + 0.8


@pytest.mark.parametrize("true", ["windows-1252", "cp850", "mac-roman", "utf-16-le"])
@pytest.mark.parametrize("line", LINES)
def test_a_single_line_is_enough(line: str, true: str) -> None:
    try:
        data = line.encode(true)
    except UnicodeEncodeError:
        pytest.skip("this line cannot be kept in it")
    found = choose(data, ENCODINGS)
    encoding, bits = found[0]
    assert data.decode(encoding) == line
    assert bits < 9
    if true == "windows-1252":
        assert encoding == true


@pytest.mark.parametrize("true", ["windows-1252", "cp850", "mac-roman"])
def test_a_story_reads_as_portuguese(true: str) -> None:
    data = STORIES.read_text(encoding="utf-8").replace("—", "-").encode(true, "ignore")
    best, second = choose(data, [encoding for encoding in ENCODINGS if encoding != "cp437"])[:2]
    assert best[0] == true
    assert best[1] < PORTUGUESE / 1.5
    assert second[1] > best[1] + 1


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Ветер дул с моря, и никто не вышел на берег.", "cp1251"),
        ("Ο άνεμος φυσούσε από τη θάλασσα όλη τη νύχτα.", "cp1253"),
        ("今天早上风很大，没有人到海边去。", "gb18030"),
        ("今朝は風が強くて、誰も海へ行きませんでした。", "shift_jis"),
        ("Wiatr wiał od morza i nikt nie wyszedł na brzeg, ponieważ było późno.", "cp1250"),
        ("Rüzgâr denizden esiyordu, çocuklar dışarı çıkmadı, akşam oldu.", "cp1254"),
    ],
)
def test_other_alphabets_do_not_read_as_portuguese(text: str, encoding: str) -> None:
    assert all(bits > PORTUGUESE for _, bits in choose(text.encode(encoding), ENCODINGS))


def test_what_cannot_be_read_is_left_out_and_ties_keep_their_order() -> None:
    assert [name for name, _ in choose(b"\x81", ["windows-1252", "latin-1"])] == ["latin-1"]
    assert [name for name, _ in choose(b"sem acentos", ["cp850", "windows-1252"])] == ["cp850", "windows-1252"]
    assert choose(b"", ["windows-1252"]) == [("windows-1252", 0.0)]


def test_a_long_text_is_sampled_from_its_first_accent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portuguese, "SAMPLE", 200)
    data = ("sem acentos " * 1000 + "coração " * 50).encode("cp1252")
    assert choose(data, ENCODINGS)[0][0] == "windows-1252"
    cut = "coração".encode("utf-16-le")[:-1]  # a character that the sample cuts is no reason to refuse
    assert choose(cut, ["windows-1252", "utf-16-le"])[0][0] == "utf-16-le"
