"""The texts of the tab with tools for a text of one's own."""

BARE = (
    "Voce nao esta so: e dificil, mas ate amanha a noite nos vamos resolver isso. A Joana ja saiu as oito e so volta "
    "na terca-feira. Se precisar, ligue para a policia ou mande um e-mail para ajuda@correio.com.br; eu so posso ir la "
    "depois do almoco, porque o onibus das duas nao para na praca.\n"
)

SLIPS = (
    "O governo anunciou ontem que que vai construir três escoals no bairro. A familia estavacontente com a notícia, "
    "mas o menino não entedeu nada e foi brincar na rua.\n"
)

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "tools_tab": ("Ferramentas", "Tools"),
    "tools_intro": (
        "Para um texto seu, e para examinar um modelo. Nada sai deste computador.",
        "For a text of your own, and to examine a model. Nothing leaves this computer.",
    ),
    # Accents
    "accents_panel": ("Acentuar", "Accents"),
    "accents_intro": (
        "Devolve os acentos e as cedilhas a um texto digitado sem eles. Nada mais muda; endereços, nomes com @ e "
        "códigos ficam como estão.",
        "Puts accents and cedillas back into Portuguese that was typed without them. Nothing else changes; addresses, "
        "names with @ and code stay as they are.",
    ),
    "accents_help": ("Até 20.000 caracteres.", "Up to 20,000 characters."),
    "accents_button": ("Acentuar", "Put accents"),
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
    # Slips
    "proof_panel": ("Revisar", "Proofread"),
    "proof_intro": (
        "Acha palavras que surpreendem o modelo e que uma pequena mudança conserta: uma letra, um acento, um espaço, "
        "uma palavra repetida. Conhece a prosa em português, não os termos do seu ofício.",
        "Finds words that surprise the model and that one small edit repairs: a letter, an accent, a space, a word "
        "written twice. It knows Portuguese prose, not the terms of your trade.",
    ),
    "proof_help": ("Até 10.000 caracteres.", "Up to 10,000 characters."),
    "proof_button": ("Revisar", "Proofread"),
    "proof_apply": ("Aplicar todas", "Apply all"),
    "proof_reading": ("Revisando…", "Proofreading…"),
    "proof_count": (
        "Sugestões: {count}. Passe sobre uma palavra, ou toque nela, para ver a sugestão.",
        "Suggestions: {count}. Point at a word, or touch it, to see the suggestion.",
    ),
    "proof_none": ("Nada a sugerir.", "Nothing to suggest."),
    "proof_made": ("Sugestões aplicadas: {count}.", "Suggestions applied: {count}."),
    "proof_told": ("{old} → {new} (economiza {bits} bits)", "{old} → {new} (saves {bits} bits)"),
    "tool_text": ("Texto", "Text"),
    "tool_marks": (
        "Texto com marcas: use as setas para ir de uma a outra",
        "Text with marks: use the arrow keys to go from one to the next",
    ),
    # Authorship
    "whose_panel": ("Quem escreveu?", "Who wrote it?"),
    "whose_intro": (
        "Cada modelo lê o texto; aquele a que ele custa menos bits é a origem mais provável. Com modelos de um só "
        "autor cada, isso é um palpite sobre o autor.",
        "Each model reads the text; the one that needs the fewest bits is the likeliest source. With models of one "
        "author each, that is a guess at the author.",
    ),
    "whose_help": ("De 100 a 10.000 caracteres.", "From 100 to 10,000 characters."),
    "whose_models": ("Modelos", "Models"),
    "whose_button": ("Comparar", "Compare"),
    "whose_reading": ("Os modelos estão lendo…", "The models are reading…"),
    "whose_model": ("Modelo", "Model"),
    "whose_chance": ("Probabilidade", "Probability"),
    "whose_bits": ("Bits por caractere", "Bits per character"),
    "whose_note": (
        "As probabilidades valem se o texto for de um destes modelos; pode não ser de nenhum.",
        "The probabilities hold if the text is from one of these models; it may be from none.",
    ),
    "whose_for": ("O que mais fala por {name}", "What speaks most for {name}"),
    "whose_lead": ("{bits} bits a menos", "{bits} bits fewer"),
    # Grammar; the categories are also those of the tab Train
    "exam_panel": ("Prova de gramática", "Grammar exam"),
    "exam_intro": (
        "Em 320 pares de frases que diferem num só ponto, uma segue as regras do português e a outra não. O modelo "
        "acerta quando acha a certa mais provável; uma moeda acertaria metade. As contagens do modelo fazem a prova "
        "sozinhas, para se ver o que a rede acrescenta.",
        "Of 320 pairs of sentences that differ in one place, one follows the rules of Portuguese and the other does "
        "not. A model is right where it finds the right one likelier; a coin would be right in half of them. The "
        "counts of a model also take the exam alone, so that what the network adds is seen.",
    ),
    "exam_model": ("Modelo", "Model"),
    "exam_button": ("Examinar", "Examine"),
    "exam_reading": (
        "O modelo está fazendo a prova: uns dez segundos…",
        "The model is taking the exam: some ten seconds…",
    ),
    "exam_category": ("Certas", "Right"),
    "exam_counts": ("Contagens", "Counts"),
    "exam_coin": ("Moeda", "Coin"),
    "exam_examples": (
        "De cada categoria, o par mais fácil e o mais difícil para o modelo; a forma errada está riscada.",
        "Of each category, the easiest and the hardest pair for the model; the wrong form is struck through.",
    ),
    "exam_right": ("a certa é mais provável, por {bits} bits", "the right one is likelier, by {bits} bits"),
    "exam_wrong": ("a errada é mais provável, por {bits} bits", "the wrong one is likelier, by {bits} bits"),
    "grammar_gender": ("Gênero", "Gender"),
    "grammar_number": ("Número", "Number"),
    "grammar_person": ("Pessoa", "Person"),
    "grammar_ser-estar": ("Ser e estar", "Ser and estar"),
    "grammar_crase": ("Crase", "Crase"),
    "grammar_contraction": ("Contrações", "Contractions"),
    "grammar_clitic": ("Pronomes", "Clitics"),
    "grammar_spelling": ("Ortografia", "Spelling"),
    "grammar_all": ("Todas", "All"),
}
