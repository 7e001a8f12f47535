"""The texts of the tab that generates."""

EXAMPLES = (
    "Naquela manhã de chuva, Helena abriu a carta e",
    "— O senhor acredita em almas do outro mundo?",
    "CAPÍTULO PRIMEIRO\n\n",
)

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    # The writing column
    "prompt": ("Como o texto começa", "How the text begins"),
    "prompt_help": (
        "O modelo continua daqui. Ctrl+Enter ou Shift+Enter também gera.",
        "The model goes on from here. Ctrl+Enter or Shift+Enter generates, too.",
    ),
    "prompt_hint": ("Escreva um começo, ou deixe vazio", "Write a beginning, or leave it empty"),
    "generate_button": ("Gerar", "Generate"),
    "stop_button": ("Parar", "Stop"),
    "continue_button": ("Continuar", "Continue"),
    "clear_button": ("Limpar", "Clear"),
    "copy_button": ("Copiar", "Copy"),
    "blank": (
        "O texto aparece aqui, letra por letra.",
        "The text appears here, letter by letter.",
    ),
    # The side column, two texts for each field of SampleConfig
    "model": ("Modelo", "Model"),
    "model_help": (
        "Menos bits por caractere: prevê melhor um texto que nunca leu.",
        "Fewer bits per character: better at predicting a text it has never read.",
    ),
    "more": ("Mais ajustes", "More settings"),
    "length": ("Comprimento", "Length"),
    "length_help": ("Quantos caracteres escrever.", "How many characters to write."),
    "temperature": ("Temperatura", "Temperature"),
    "temperature_help": (
        "Baixa: mais segura e repetitiva. Alta: mais ousada, com mais erros. 0: sempre a letra mais provável.",
        "Low: safer, more repetitive. High: bolder, with more slips. 0: always the likeliest letter.",
    ),
    "empty": ("sorteada", "drawn"),
    "seed": ("Semente", "Seed"),
    "seed_help": (
        "A mesma semente repete o mesmo texto. Vazia: sorteada. Continuar usa a seguinte.",
        "The same seed repeats the same text. Empty: drawn. Continue uses the next one.",
    ),
    "top_k": ("Top-k", "Top-k"),
    "top_k_help": (
        "Sorteia só entre as k letras mais prováveis. 0: entre todas.",
        "Draws only among the k likeliest letters. 0: among all.",
    ),
    "top_p": ("Top-p", "Top-p"),
    "top_p_help": (
        "Sorteia só entre as letras mais prováveis que juntas somam esta probabilidade. 1: entre todas.",
        "Draws only among the likeliest letters that together reach this probability. 1: among all.",
    ),
    "min_p": ("Min-p", "Min-p"),
    "min_p_help": (
        "Descarta letras abaixo desta fração da probabilidade da mais provável. 0: nenhuma.",
        "Drops letters below this share of the likeliest one's probability. 0: none.",
    ),
    "typical": ("Típica", "Typical"),
    "typical_help": (
        "Sorteia entre as letras de surpresa mais comum, até somarem esta probabilidade. 1: entre todas.",
        "Draws among the letters of the most usual surprise, up to this probability. 1: among all.",
    ),
    "repetition_penalty": ("Contra repetição", "Against repetition"),
    "repetition_penalty_help": (
        "Acima de 1, as letras das últimas 64 ficam menos prováveis. 1: não muda nada.",
        "Above 1, the letters of the last 64 become less likely. 1: changes nothing.",
    ),
    "no_repeat": ("Sem trechos repetidos de", "No repeated runs of"),
    "no_repeat_help": (
        "Nunca repete tantos caracteres seguidos. 0: pode repetir.",
        "Never repeats as many characters in a row. 0: may repeat.",
    ),
    "bias": ("Favorecer letras", "Favour letters"),
    "bias_help": (
        "Uma por linha: e=-2 torna o e mais raro, e=2 mais comum.",
        "One per line: e=-2 makes e rarer, e=2 more common.",
    ),
    "end": ("Terminar com", "End with"),
    "end_help": (
        "Depois do comprimento, segue até o fim da frase, da linha ou do parágrafo.",
        "After the length, goes on to the end of the sentence, the line or the paragraph.",
    ),
    "end_length": ("o comprimento", "the length"),
    "end_line": ("a linha", "the line"),
    "end_sentence": ("a frase", "the sentence"),
    "end_paragraph": ("o parágrafo", "the paragraph"),
    "stop": ("Parar antes de", "Stop before"),
    "stop_help": (
        "Um texto por linha; \\n quer dizer quebra de linha. O texto gerado termina antes dele.",
        "One text per line; \\n means a line break. The generated text ends before it.",
    ),
    # What the server writes
    "choice": ("{name} · {bits} bits por caractere", "{name} · {bits} bits per character"),
    "choice_unscored": ("{name} · ainda sem avaliação", "{name} · not yet scored"),
    "ended_writing": ("Escrevendo…", "Writing…"),
    "ended_length": ("Chegou ao comprimento pedido", "Reached the length asked for"),
    "ended_stop": ("Encontrou um texto de parada", "Met a stop text"),
    "ended_stopped": ("Parado por você", "Stopped by you"),
    "characters": ("{count} caracteres", "{count} characters"),
    "character": ("1 caractere", "1 character"),
    "speed": ("{count} caracteres/s", "{count} characters/s"),
    "seed_used": ("semente {seed}", "seed {seed}"),
    "repeat": ("Para repetir no terminal:", "To repeat it in a terminal:"),
    "repeat_first": (
        "Para repetir no terminal a primeira parte, antes de Continuar:",
        "To repeat the first part, before Continue, in a terminal:",
    ),
    "nothing_yet": (
        "Gere um texto com este modelo primeiro; depois Continuar segue de onde ele parou.",
        "Generate a text with this model first; then Continue goes on from where it ended.",
    ),
    "no_model": (
        "Este modelo não existe (mais). Recarregue a página e escolha outro; charrnn train arquivo.txt treina um novo.",
        "There is no such model (any more). Reload the page and choose another; "
        "charrnn train file.txt trains a new one.",
    ),
}
