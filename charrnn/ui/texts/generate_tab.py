"""The texts of the tab that generates."""

EXAMPLES = (
    "Naquela manhã de chuva, Helena abriu a carta e",
    "— O senhor acredita em almas do outro mundo?",
    "CAPÍTULO PRIMEIRO\n",
    "Querida irmã,\n",
)

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "generate_tab": ("Gerar", "Generate"),
    # The writing column
    "prompt": ("Como o texto começa", "How the text begins"),
    "prompt_help": (
        "O modelo continua a partir daqui. Acrescentar põe estas palavras no fim do texto.",
        "The model continues from here. Add appends these words to the text.",
    ),
    "prompt_hint": ("Escreva um começo ou deixe vazio", "Write a beginning, or leave it empty"),
    "generate_button": ("Gerar", "Generate"),
    "stop_button": ("Parar", "Stop"),
    "continue_button": ("Continuar", "Continue"),
    "add_button": ("Acrescentar", "Add"),
    "again_button": ("Tentar de novo", "Try again"),
    "undo_button": ("Desfazer", "Undo"),
    "forget_button": ("Apagar a memória", "Clear memory"),
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
        "O texto. As setas escolhem uma letra e mostram o que mais poderia vir ali.",
        "The text. The arrow keys select a letter and show what else could have come there.",
    ),
    "text_help": (
        "**Continuar** parte da memória que o modelo tem agora. **Tentar de novo** reescreve o último trecho. "
        "**Apagar a memória** mantém o texto: acrescente as mesmas palavras antes e depois, e compare.",
        "**Continue** resumes from the model's current memory. **Try again** rewrites the latest passage. **Clear "
        "memory** keeps the text: add the same words before and after, and compare.",
    ),
    "kept_texts": ("Textos guardados neste navegador", "Texts kept in this browser"),
    "kept_none": ("Os textos que você gerar aparecem aqui.", "The texts you generate appear here."),
    "kept_drop": ("Apagar", "Delete"),
    # The side column, two texts for each field of SampleConfig and ConstraintConfig
    "model": ("Modelo", "Model"),
    "model_help": (
        "Ao lado do nome, os bits por caractere num texto que o modelo não leu: só se comparam números do mesmo texto.",
        "Beside the name, the bits per character of a text it has not read: compare numbers of the same text only.",
    ),
    "model_help_paths": (
        "Ao lado do nome, os bits por caractere num texto que o modelo não leu: só se comparam números do mesmo texto. "
        "Também pode ser o caminho de uma pasta.",
        "Beside the name, the bits per character of a text it has not read: compare numbers of the same text only. The "
        "path of a folder works, too.",
    ),
    "share_button": ("Compartilhar como página", "Share as a page"),
    "more": ("Mais ajustes", "More settings"),
    "length": ("Comprimento", "Length"),
    "length_help": ("Quantos caracteres escrever.", "How many characters to write."),
    "temperature": ("Temperatura", "Temperature"),
    "temperature_help": (
        "Baixa: mais segura e repetitiva. Alta: mais ousada, com mais erros. 0: sempre a letra mais provável.",
        "Low: safer, more repetitive. High: bolder, with more slips. 0: always the most probable letter.",
    ),
    "empty": ("sorteado", "random"),
    "seed": ("Número do sorteio (semente)", "Seed"),
    "seed_help": (
        "O mesmo número repete o mesmo texto. Vazio: sorteado. Tentar de novo usa o seguinte.",
        "The same seed repeats the same text. Empty: random. Try again uses the next one.",
    ),
    "top_k": ("Top-k", "Top-k"),
    "top_k_help": (
        "Sorteia só entre as k letras mais prováveis. 0: entre todas.",
        "Samples only from the k most probable letters. 0: from all.",
    ),
    "top_p": ("Top-p", "Top-p"),
    "top_p_help": (
        "Sorteia só entre as letras mais prováveis que juntas somam esta probabilidade. 1: entre todas.",
        "Samples only from the most probable letters that together reach this probability. 1: from all.",
    ),
    "min_p": ("Min-p", "Min-p"),
    "min_p_help": (
        "Descarta letras abaixo desta fração da probabilidade da mais provável. 0: nenhuma.",
        "Drops letters below this fraction of the highest probability. 0: none.",
    ),
    "typical": ("Surpresa típica", "Typical surprise"),
    "typical_help": (
        "Sorteia entre as letras de surpresa mais próxima da média, até somarem esta probabilidade. 1: entre todas.",
        "Samples from the letters whose surprise is closest to the mean, up to this probability. 1: from all.",
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
        "After the length, continues to the end of the sentence, line or paragraph.",
    ),
    "end_length": ("o comprimento", "the length"),
    "end_line": ("a linha", "the line"),
    "end_sentence": ("a frase", "the sentence"),
    "end_paragraph": ("o parágrafo", "the paragraph"),
    "stop": ("Parar antes de", "Stop before"),
    "stop_help": (
        "Um texto por linha; \\n representa a quebra de linha. O texto gerado termina antes dele.",
        "One text per line; \\n stands for a line break. The generated text ends before it.",
    ),
    "constraints": ("Regras do texto", "Rules for the text"),
    "any": ("livre", "free"),
    "only": ("Só estes caracteres", "Only these characters"),
    "only_help": ("O texto usa apenas estes; vazio: todos.", "The text uses only these; empty: all."),
    "without": ("Sem estas letras", "Without these letters"),
    "without_help": (
        "Um lipograma: sem elas maiúsculas, minúsculas ou com acento.",
        "A lipogram: the letters are left out in upper and lower case, with or without accents.",
    ),
    "keep_accents": ("Letras com acento podem ficar", "Letters with accents may stay"),
    "keep_accents_help": ("Sem a letra a, mas com á e ã.", "Without the letter a, but with á and ã."),
    "acrostic": ("Acróstico", "Acrostic"),
    "acrostic_help": (
        "Cada linha começa com a letra seguinte desta palavra.",
        "Each line begins with the next letter of this word.",
    ),
    "line_length": ("Linha de até", "Lines of at most"),
    "line_length_help": (
        "Caracteres por linha; as palavras ficam inteiras quando cabem.",
        "Characters per line; words stay whole where they fit.",
    ),
    "start": ("Começar com", "Begin with"),
    "start_help": ("O texto novo começa assim.", "The new text begins like this."),
    "contain": ("Palavras que devem aparecer", "Words that must occur"),
    "contain_help": (
        "Uma por linha; cada uma entra onde o modelo a acha mais natural.",
        "One per line; each is placed where the model finds it most natural.",
    ),
    "most_copied": ("Copiar no máximo", "Copy at most"),
    "most_copied_help": (
        "O maior trecho, em caracteres, que pode ser igual ao dos textos abaixo.",
        "The longest passage, in characters, that may match the texts below.",
    ),
    "training": ("Textos que não devem ser copiados", "Texts not to copy"),
    "training_help": ("Um arquivo ou pasta por linha.", "One file or folder per line."),
    # The panel of a letter
    "look_hint": (
        "Clique ou toque numa letra do texto para ver o que mais poderia vir ali.",
        "Click or touch a letter of the text to see what else could have come there.",
    ),
    "surprise": ("Surpresa: {bits} bits.", "Surprise: {bits} bits."),
    "letter": ("Letra", "Letter"),
    "chance_before": ("O modelo", "The model"),
    "chance_after": ("Com os ajustes", "With the settings"),
    "others": ("outras", "others"),
    "put": ("Pôr {letter} aqui e seguir", "Put {letter} here and continue"),
    "line_end": ("fim de linha", "a line end"),
    "space": ("espaço", "a space"),
    "rewrite": ("Reescrever a partir daqui", "Rewrite from here"),
    # What the server writes
    "choice": ("{name} · {bits} bits em {text}", "{name} · {bits} bits on {text}"),
    "choice_end": ("{name} · {bits} bits no fim de {text}", "{name} · {bits} bits on the end of {text}"),
    "choice_other": ("{name} · {bits} bits em textos novos para ele", "{name} · {bits} bits on texts new to it"),
    "choice_unscored": ("{name} · ainda sem avaliação", "{name} · not yet scored"),
    "in_line": ("Na fila: {place}º", "In the queue: number {place}"),
    "in_line_help": ("Parar tira você da fila", "Stop takes you out of it"),
    "ended_writing": ("Escrevendo…", "Writing…"),
    "ended_length": ("Chegou ao comprimento pedido", "Reached the requested length"),
    "ended_stop": ("Encontrou um texto de parada", "Reached a stop text"),
    "ended_stopped": ("Parado por você", "Stopped by you"),
    "ended_forgot": ("Memória vazia; o texto ficou", "Memory cleared; the text stays"),
    "ended_opened": ("Texto reaberto", "Text reopened"),
    "forgot_here": ("Aqui a memória foi esvaziada", "The memory was cleared here"),
    "characters": ("{count} caracteres", "{count} characters"),
    "character": ("1 caractere", "1 character"),
    "speed": ("{count} caracteres/s", "{count} characters/s"),
    "seed_used": ("semente {seed}", "seed {seed}"),
    "repeat": ("Para repetir no terminal:", "To repeat it in a terminal:"),
    "repeat_last": (
        "Para repetir no terminal o último trecho, a partir do que o modelo lembrava:",
        "To repeat the latest passage in a terminal, from what the model remembered:",
    ),
    "link_copied": ("Link com estes ajustes copiado.", "Link with these settings copied."),
    "text_copied": ("Texto copiado.", "Text copied."),
}
