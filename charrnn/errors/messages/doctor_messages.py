"""What the doctor finds in a text, by the finding's name. Faults that a repair names are in `corpus.repairs`."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    # how the file was read
    "empty": ("Não há texto nele.", "There is no text in it."),
    "bom": (
        "O texto começa com uma marca de ordem de bytes (BOM); a leitura a tira.",
        "The text begins with a byte-order mark; reading removes it.",
    ),
    "encoding": (
        "O arquivo não está em UTF-8; foi lido como {encoding}. Veja se os acentos estão certos{example}.",
        "The file is not UTF-8; it was read as {encoding}. Check its accents{example}.",
    ),
    "for-example": (": «{example}»", ": «{example}»"),
    "no-example": ("", ""),
    "cut-off": (
        "O arquivo acaba no meio de um caractere, que fica de fora.",
        "The file ends in the middle of a character, which is left out.",
    ),
    # characters
    "crlf": (
        "As linhas terminam em CR LF, como no Windows; a leitura as ajusta.",
        "Lines end in CR LF, as on Windows; reading changes them to LF.",
    ),
    "cr": (
        "As linhas terminam só em CR, como nos Macs antigos; a leitura as ajusta.",
        "Lines end in CR alone, as on old Macs; reading changes them to LF.",
    ),
    "cr-crlf": (
        "As linhas terminam em CR CR LF, de duas conversões seguidas; a leitura as ajusta.",
        "Lines end in CR CR LF, after two conversions; reading changes them to LF.",
    ),
    "lf-cr": (
        "As linhas terminam em LF CR, como no RISC OS; a leitura as ajusta.",
        "Lines end in LF CR, as on RISC OS; reading changes them to LF.",
    ),
    "nfd": (
        "Os acentos são caracteres à parte, depois das letras (o texto não está em NFC); a leitura os junta.",
        "Accents are separate characters after their letters (the text is not NFC); reading joins them.",
    ),
    "binary": (
        "Com tantos caracteres de controle, parece um arquivo de programa, não um texto.",
        "So many control characters suggest a program's data, not a text.",
    ),
    "nul": ("Há caracteres NUL, que nenhum texto tem.", "There are NUL characters, which no text has."),
    "controls": ("Há caracteres de controle, que ninguém lê.", "There are control characters, which nobody reads."),
    "form-feeds": ("Há marcas de fim de página.", "There are form feeds, where pages ended."),
    "soft-hyphens": ("Há hífens opcionais, que não se veem.", "There are soft hyphens, which are invisible."),
    "odd-spaces": (
        "Há espaços que não quebram a linha ou de largura incomum.",
        "There are no-break spaces or spaces of unusual width.",
    ),
    "zero-width": (
        "Há sinais invisíveis: espaços sem largura, marcas de direção, junções.",
        "There are invisible signs: zero-width spaces, direction marks, joiners.",
    ),
    "odd-hyphens": (
        "Há hífens e sinais de menos incomuns (‐ ‑ −).",
        "There are unusual hyphens and minus signs (‐ ‑ −).",
    ),
    "long-s": ("Há o s longo dos impressos antigos (ſ).", "There is the long s of old prints (ſ)."),
    "accents-replaced": (
        "Letras com acento viraram ? ou outro sinal; procure uma cópia melhor.",
        "Accented letters were replaced by ? or another sign; look for a better copy.",
    ),
    "accents-dropped": (
        "Faltam os acentos, ou as letras que os tinham; procure uma cópia melhor.",
        "Accents are missing, or the letters that had them; look for a better copy.",
    ),
    "odd-signs": (
        "Sinais estranhos interrompem palavras: talvez outra codificação, que não se pôde determinar.",
        "Odd signs interrupt words: perhaps another encoding, which could not be determined.",
    ),
    "lost-characters": (
        "O sinal � está no lugar de letras que se perderam antes de o arquivo ser gravado; procure uma cópia melhor.",
        "The sign � replaces letters that were lost before this file was written; look for a better copy.",
    ),
    # lines and passages
    "wrapped": (
        "As linhas são quebradas numa margem, no meio dos parágrafos.",
        "Lines are hard-wrapped: they end at a margin, within paragraphs.",
    ),
    "page-numbers": ("Há números de página no meio do texto.", "Page numbers interrupt the text."),
    "running-heads": ("Há cabeçalhos que se repetem a cada página.", "Running heads interrupt the text."),
    "gutenberg": (
        "Cabeçalhos e rodapés do Project Gutenberg ocupam {size:characters}.",
        "Project Gutenberg's headers and footers take {size:characters}.",
    ),
    "duplicates": (
        "Há trechos que aparecem duas vezes, letra por letra: {size:characters} são cópias de outros.",
        "Passages occur twice, letter by letter: {size:characters} are copies of earlier ones.",
    ),
    "quotes": ("Há aspas retas ao lado de “ ” ou « ».", "Straight quotes are used beside “ ” or « »."),
    "dashes": ("Há dois hífens no lugar do travessão (—).", "Two hyphens replace a dash (—)."),
    # language and spelling
    "language": ("Há trechos que não estão em português: {languages}.", "Passages are not Portuguese: {languages}."),
    "other-language": (
        "Este texto {language}; o treino começa do zero.",
        "This text {language}; training starts from scratch.",
    ),
    "unknown-language": ("não está em português", "is not Portuguese"),
    "spelling-1911": (
        "A grafia é anterior às reformas de 1911 (Portugal) e 1943 (Brasil): {words}.",
        "The spelling is that before the reforms of 1911 (Portugal) and 1943 (Brazil): {words}.",
    ),
    "spelling-1971": ("Os acentos são os usados até 1971: {words}.", "Accents are those in use until 1971: {words}."),
    "spelling-2009": (
        "Os acentos e tremas são os usados até 2009: {words}.",
        "Accents and tremas are those in use until 2009: {words}.",
    ),
    "spelling-portugal": ("A grafia é a de Portugal: {words}.", "Words are spelled as in Portugal: {words}."),
    "spelling-both": (
        "Há palavras grafadas como em Portugal e outras como no Brasil: {words}.",
        "Some words are spelled as in Portugal, others as in Brazil: {words}.",
    ),
}
