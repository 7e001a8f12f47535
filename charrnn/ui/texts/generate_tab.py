"""The texts of the tab that generates."""

EXAMPLES = (
    "Naquela manhã de chuva, Helena abriu a carta e",
    "— O senhor acredita em almas do outro mundo?",
    "CAPÍTULO PRIMEIRO\n",
)

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    # The writing column
    "prompt": ("Como o texto começa", "How the text begins"),
    "prompt_help": (
        "O modelo continua daqui. Ctrl+Enter também gera. Acrescentar põe estas palavras no fim do texto.",
        "The model goes on from here. Ctrl+Enter generates, too. Add puts these words at the end of the text.",
    ),
    "prompt_hint": ("Escreva um começo, ou deixe vazio", "Write a beginning, or leave it empty"),
    "generate_button": ("Gerar", "Generate"),
    "stop_button": ("Parar", "Stop"),
    "continue_button": ("Continuar", "Continue"),
    "add_button": ("Acrescentar", "Add"),
    "again_button": ("Outra vez", "Again"),
    "undo_button": ("Desfazer", "Undo"),
    "forget_button": ("Esquecer", "Forget"),
    "download_button": ("Baixar", "Download"),
    "keep_button": ("Baixar para continuar", "Download to continue"),
    "open_button": ("Continuar um texto baixado", "Continue a downloaded text"),
    "link_button": ("Copiar link", "Copy link"),
    "clear_button": ("Limpar", "Clear"),
    "copy_button": ("Copiar", "Copy"),
    "blank": (
        "O texto aparece aqui, letra por letra.",
        "The text appears here, letter by letter.",
    ),
    "text_name": (
        "O texto. As setas escolhem uma letra e mostram o que mais podia ter vindo ali.",
        "The text. The arrow keys pick a letter and show what else could have come there.",
    ),
    "text_help": (
        "**Continuar** segue da memória que o modelo tem agora. **Outra vez** reescreve o último trecho. **Esquecer** "
        "esvazia a memória e deixa o texto: acrescente as mesmas palavras antes e depois, e compare.",
        "**Continue** goes on from the memory the model has now. **Again** rewrites the latest part. **Forget** "
        "empties the memory and leaves the text: add the same words before and after, and compare.",
    ),
    "kept_texts": ("Textos guardados neste navegador", "Texts kept in this browser"),
    "kept_none": ("Os textos que você gerar ficam aqui.", "The texts that you generate stay here."),
    "kept_drop": ("Apagar", "Delete"),
    # The side column, two texts for each field of SampleConfig and ConstraintConfig
    "model": ("Modelo", "Model"),
    "model_help": (
        "Menos bits por caractere: prevê melhor um texto que nunca leu.",
        "Fewer bits per character: better at predicting a text it has never read.",
    ),
    "model_help_paths": (
        "Menos bits por caractere: prevê melhor um texto que nunca leu. Também pode ser o caminho de uma pasta.",
        "Fewer bits per character: better at predicting a text it has never read. It may also be the path of a folder.",
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
        "A mesma semente repete o mesmo texto. Vazia: sorteada. Outra vez usa a seguinte.",
        "The same seed repeats the same text. Empty: drawn. Again uses the next one.",
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
        "Acima de 1, as letras que estão entre as últimas 64 ficam menos prováveis. 1: não muda nada.",
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
    "wishes": ("Regras do texto", "Rules for the text"),
    "any": ("livre", "free"),
    "only": ("Só estes caracteres", "Only these characters"),
    "only_help": ("O texto usa apenas estes; vazio: todos.", "The text uses these alone; empty: all."),
    "without": ("Sem estas letras", "Without these letters"),
    "without_help": (
        "Um lipograma: nem maiúsculas, nem minúsculas, nem com acento.",
        "A lipogram: neither capital nor small, nor with an accent.",
    ),
    "keep_accents": ("Letras com acento podem ficar", "Letters with accents may stay"),
    "keep_accents_help": ("Sem a letra a, ainda com á e ã.", "Without the letter a, yet with á and ã."),
    "acrostic": ("Acróstico", "Acrostic"),
    "acrostic_help": (
        "Cada linha começa com a letra seguinte desta palavra.",
        "Each line begins with the next letter of this word.",
    ),
    "line_length": ("Linha de até", "Lines of at most"),
    "line_length_help": (
        "Caracteres por linha; palavras ficam inteiras onde dá.",
        "Characters in a line; words stay whole where they can.",
    ),
    "start": ("Começar com", "Begin with"),
    "start_help": ("O texto novo começa assim.", "The new text begins like this."),
    "contain": ("Palavras que devem aparecer", "Words that must occur"),
    "contain_help": (
        "Uma por linha; cada uma entra onde o modelo a acha mais natural.",
        "One per line; each is put where the model finds it most natural.",
    ),
    "most_copied": ("Copiar no máximo", "Copy at most"),
    "most_copied_help": (
        "O maior trecho, em caracteres, que pode vir igual dos textos abaixo.",
        "The longest run, in characters, that may come unchanged from the texts below.",
    ),
    "training": ("Textos que não se copiam", "Texts not to copy"),
    "training_help": ("Um arquivo ou pasta por linha.", "A file or folder on each line."),
    # The panel of a letter
    "look_hint": (
        "Clique em uma letra do texto para ver o que mais podia ter vindo ali.",
        "Click a letter of the text to see what else could have come there.",
    ),
    "surprise": ("Surpresa: {bits} bits.", "Surprise: {bits} bits."),
    "letter": ("Letra", "Letter"),
    "chance_before": ("O modelo", "The model"),
    "chance_after": ("Com os ajustes", "With the settings"),
    "others": ("outras", "others"),
    "put": ("Pôr {letter} aqui e seguir", "Put {letter} here and go on"),
    "line_end": ("fim de linha", "a line end"),
    "space": ("espaço", "a space"),
    "rewrite": ("Reescrever a partir daqui", "Rewrite from here"),
    # What the server writes
    "choice": ("{name} · {bits} bits por caractere", "{name} · {bits} bits per character"),
    "choice_unscored": ("{name} · ainda sem avaliação", "{name} · not yet scored"),
    "ended_writing": ("Escrevendo…", "Writing…"),
    "ended_length": ("Chegou ao comprimento pedido", "Reached the length asked for"),
    "ended_stop": ("Encontrou um texto de parada", "Met a stop text"),
    "ended_stopped": ("Parado por você", "Stopped by you"),
    "ended_forgot": ("Memória vazia; o texto ficou", "Memory emptied; the text stayed"),
    "ended_opened": ("Texto retomado", "Text taken up again"),
    "forgot_here": ("Aqui a memória foi esvaziada", "Here the memory was emptied"),
    "characters": ("{count} caracteres", "{count} characters"),
    "character": ("1 caractere", "1 character"),
    "speed": ("{count} caracteres/s", "{count} characters/s"),
    "seed_used": ("semente {seed}", "seed {seed}"),
    "repeat": ("Para repetir no terminal:", "To repeat it in a terminal:"),
    "repeat_last": (
        "Para repetir no terminal o último trecho, depois do que o modelo lembrava:",
        "To repeat the latest part in a terminal, after what the model remembered:",
    ),
    "link_copied": ("Link com estes ajustes copiado.", "A link with these settings was copied."),
}
