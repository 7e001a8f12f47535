"""How wide characters are, to tell whether one more word would have fitted on a line.

Texts are wrapped by editors, where each character is as wide as the next, or come from pages set in a font. For
three common fonts the widths stand here, in thousandths of an em; a text tells by its own lines which fits it best.
"""

import unicodedata

import numpy as np
from numpy.typing import NDArray

# Width: the characters that have it. Accented letters are as wide as their bases; others as wide as the digit 0.
_VERDANA = {
    269: "'‘’", 274: "il", 344: "j", 352: " f", 364: ".,", 394: "t!", 421: "I", 427: "r", 454: ":;-()/[]", 455: "J",
    459: '"“”', 521: "sc", 525: "z", 545: "?", 557: "L", 575: "F", 592: "kvxy", 596: "e", 601: "a", 603: "P", 607: "o",
    615: "Y", 616: "T", 623: "bdpqg", 632: "E", 633: "hnu", 635: "0*«»–", 684: "ASV", 685: "XZ", 686: "B", 693: "K",
    695: "R", 698: "C", 732: "U", 748: "N", 751: "H", 771: "D", 775: "G", 787: "OQ", 818: "w…", 843: "M", 973: "m",
    989: "W", 1000: "—",
}  # fmt: skip
_ARIAL = {
    191: "'", 222: "ijl‘’", 278: " ft.,:;!/I[]", 333: "r-()“”", 355: '"', 389: "*", 500: "ckvxyzsJ",
    556: "abdeghnopquL0?«»–", 611: "FTZ", 667: "ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "mM", 944: "W", 1000: "—…",
}  # fmt: skip
_TIMES = {
    180: "'", 250: " .,", 278: "ijlt:;/", 333: "frI-()!‘’[]", 389: "sJ", 408: '"', 444: "acez?“”",
    500: "bdghknopquvxy0*«»–", 556: "PFS", 611: "ELTZ", 667: "BCR", 722: "ADGHKNOQUVXYw", 778: "m", 889: "M",
    944: "W", 1000: "—…",
}  # fmt: skip
FONTS: dict[str, dict[int, str]] = {"typewriter": {1000: "0"}, "Verdana": _VERDANA, "Arial": _ARIAL, "Times": _TIMES}


def widths(font: str, characters: str) -> NDArray[np.float32]:
    """The widths of `characters`, (n,), in units of the font's digit 0."""
    known = {character: width for width, group in FONTS[font].items() for character in group}
    usual = known["0"]

    def width(character: str) -> float:
        if unicodedata.combining(character):
            return 0.0
        base = unicodedata.normalize("NFD", character)[0]
        return known.get(character, known.get(base, usual)) / usual

    return np.array([width(character) for character in characters], dtype=np.float32)
