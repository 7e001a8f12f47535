"""The texts of the tab with tools for a text of one's own."""

BARE = (
    "Voce nao esta so: e dificil, mas ate amanha a noite nos vamos resolver isso. A Joana ja saiu as oito e so volta "
    "na terca-feira. Se precisar, ligue para a policia ou mande um e-mail para ajuda@correio.com.br; eu so posso ir la "
    "depois do almoco, porque o onibus das duas nao para na praca.\n"
)

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "tools_tab": ("Ferramentas", "Tools"),
    "tools_intro": (
        "Para um texto seu. Nada sai deste computador.",
        "For a text of your own. Nothing leaves this computer.",
    ),
    # Accents
    "accents_panel": ("Acentuar", "Accents"),
    "accents_intro": (
        "Devolve os acentos e as cedilhas a um texto digitado sem eles. Nada mais muda; endereços, nomes com @ e "
        "códigos ficam como estão.",
        "Puts accents and cedillas back into Portuguese that was typed without them. Nothing else changes; addresses, "
        "names with @ and code stay as they are.",
    ),
    "accents_text": ("Texto", "Text"),
    "accents_help": ("Até 20.000 caracteres.", "Up to 20,000 characters."),
    "accents_put": ("Acentuar", "Put accents"),
    "accents_check": ("Conferir acentos", "Check accents"),
    "accents_made": (
        "Palavras acentuadas: {count}. Passe sobre uma, ou toque nela, para ver o quanto é certa.",
        "Words that got accents: {count}. Point at one, or touch it, to see how sure it is.",
    ),
    "accents_due": (
        "Acentos provavelmente errados: {count}. Passe sobre uma palavra, ou toque nela, para ver a sugestão.",
        "Accents that are probably wrong: {count}. Point at a word, or touch it, to see the suggestion.",
    ),
    "accents_foreign": (
        "O texto não parece estar em português: só palavras portuguesas recebem acentos certos.",
        "The text does not seem to be in Portuguese: only Portuguese words get the right accents.",
    ),
    "accents_marks": (
        "Texto com marcas: use as setas para ir de uma a outra",
        "Text with marks: use the arrow keys to go from one to the next",
    ),
}
