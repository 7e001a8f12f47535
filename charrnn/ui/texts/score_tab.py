"""The texts of the tab that scores."""

EXAMPLE = (
    "O trem das seis chegou às sete e meia, como sempre. Na plataforma, dona Zulmira esperava com um guarda-chuva "
    "vermelho e nenhuma pressa: quem espera trinta anos espera mais uma hora.\n"
    "— A senhora vai viajar? — perguntou o menino.\n"
    "— Não. Vim ver se ainda sei ir embora.\n"
)

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "score_tab": ("Avaliar", "Score"),
    "score_intro": (
        "Quanto um texto surpreende um modelo? A cada letra, o modelo distribui apostas sobre a próxima; quanto "
        "menor a aposta na letra que veio, mais bits ela custa.",
        "How much does a text surprise a model? At each letter, the model spreads its bets on the next one; the "
        "smaller its bet on the letter that came, the more bits that letter costs.",
    ),
    "score_text": ("Texto", "Text"),
    "score_text_help": ("Até {limit} caracteres.", "Up to {limit} characters."),
    "score_text_hint": ("Cole ou escreva um texto", "Paste or write a text"),
    "score_models": ("Modelos", "Models"),
    "score_models_help": (
        "Até três, lado a lado. Com dois ou mais, você vê onde diferem.",
        "Up to three, side by side. With two or more, you see where they differ.",
    ),
    "score_adaptive": ("Também aprendendo enquanto lê", "Also learning while reading"),
    "score_adaptive_help": (
        "Uma cópia do modelo aprende com cada trecho depois de prevê-lo, como fazem os compressores.",
        "A copy of the model learns from each part after predicting it, as compressors do.",
    ),
    "score_button": ("Avaliar", "Score"),
    "score_view": ("Cores", "Colours"),
    "score_view_help": (
        "Passe sobre uma letra, toque nela ou use as setas do teclado.",
        "Point at a letter, touch it, or use the arrow keys.",
    ),
    "score_blank": (
        "O texto volta aqui, com cada letra na cor da surpresa que causou.",
        "The text appears here, with each letter in the colour of its surprise.",
    ),
    "score_working": ("Lendo com {name} ({place} de {count})…", "Reading with {name} ({place} of {count})…"),
    "score_caption": (
        "Menos bits: o modelo previu melhor este texto.",
        "Fewer bits: the model predicted this text better.",
    ),
    "column_model": ("Modelo", "Model"),
    "column_static": ("bits por caractere", "bits per character"),
    "column_adaptive": ("aprendendo ao ler", "learning while reading"),
    "column_bytes": ("bits por byte", "bits per byte"),
    "column_unknown": ("caracteres que não conhece", "characters it does not know"),
    "score_read": (
        "{name} já leu {share} deste texto no treino: um texto novo custaria mais bits.",
        "{name} read {share} of this text in training: a new text would cost more bits.",
    ),
    "score_xz": (
        "Sem modelo, o compressor xz precisa de {xz} bits por caractere para o texto inteiro: é com ele que se "
        "compara a coluna «aprendendo ao ler».",
        "Without a model, the compressor xz needs {xz} bits per character for the whole text: compare it with the "
        "column “learning while reading”.",
    ),
    "score_last": (
        "Para prever o último décimo depois de ler o resto: {unigram} contando letras, {ngram} contando sequências "
        "de {order}, {xz} com xz.",
        "To predict the last tenth after reading the rest: {unigram} from counting letters, {ngram} from counting "
        "sequences of {order}, {xz} with xz.",
    ),
    "score_short": (
        "A partir de {least} caracteres, aparece aqui também o que a simples contagem consegue.",
        "From {least} characters on, the scores of plain counting appear here, too.",
    ),
    "view_static": ("{name}", "{name}"),
    "view_adaptive": ("{name}, aprendendo ao ler", "{name}, learning while reading"),
    "view_apart": ("{one} × {other}", "{one} × {other}"),
    "legend_bits": ("bits: de óbvio a espantoso", "bits: from obvious to astonishing"),
    "legend_one": ("{name} previu melhor", "{name} predicted it better"),
    "legend_alike": ("quase igual", "nearly equal"),
    "legend_step": ("até {bits}", "up to {bits}"),
    "legend_above": ("mais de {bits}", "above {bits}"),
    "tip_bits": ("{character}: {bits} bits", "{character}: {bits} bits"),
    "tip_expected": ("esperava {guesses}", "expected {guesses}"),
    "tip_apart": (
        "{character}: {bits} bits para {one}, {others} para {other}",
        "{character}: {bits} bits for {one}, {others} for {other}",
    ),
    "hardest": ("Onde o modelo mais se surpreendeu", "Where the model was most surprised"),
    "furthest": ("Onde mais diferem", "Where they differ most"),
    "column_place": ("lugar", "place"),
    "column_bits": ("bits", "bits"),
    "column_expected": ("esperava", "expected"),
    "marks_label": (
        "Texto colorido: use as setas para percorrer as letras",
        "Coloured text: use the arrow keys to move through the letters",
    ),
}
