"""Every text of the exported page, in Portuguese and English, side by side."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "subtitle": (
        "Uma rede neural que escreve letra por letra, aqui mesmo, sem internet.",
        "A neural network that writes letter by letter, right here, without internet.",
    ),
    "other_language": ("English", "Português"),
    "language_label": ("Switch to English", "Mudar para português"),
    "theme_label": ("Alternar entre claro e escuro", "Switch between light and dark"),
    "loading": ("Abrindo a rede…", "Opening the network…"),
    "ready": ("Pronta para escrever.", "Ready to write."),
    # Writing
    "prompt": ("Como o texto começa", "How the text begins"),
    "prompt_help": (
        "A rede continua a partir daqui; pode ficar vazio. Ctrl+Enter também escreve.",
        "The network continues from here; it may stay empty. Ctrl+Enter also writes.",
    ),
    "write": ("Escrever", "Write"),
    "stop": ("Parar", "Stop"),
    "go": ("Continuar", "Continue"),
    "undo": ("Desfazer", "Undo"),
    "copy": ("Copiar", "Copy"),
    "copied": ("Texto copiado.", "Text copied."),
    "temperature": ("Temperatura", "Temperature"),
    "temperature_help": (
        "Baixa: mais segura e repetitiva. Alta: mais ousada, com mais erros. 0: sempre a letra mais provável.",
        "Low: safer, more repetitive. High: bolder, with more slips. 0: always the most probable letter.",
    ),
    "length": ("Caracteres", "Characters"),
    "more": ("Mais ajustes", "More settings"),
    "top_p": ("Top-p", "Top-p"),
    "top_p_help": (
        "Sorteia só entre as letras mais prováveis que juntas somam esta probabilidade. 1: entre todas.",
        "Samples only from the most probable letters that together reach this probability. 1: from all.",
    ),
    "seed": ("Semente", "Seed"),
    "seed_empty": ("sorteada", "random"),
    "seed_help": (
        "O número do sorteio: o mesmo repete o mesmo texto.",
        "The number of the draw: the same one repeats the same text.",
    ),
    "stops": ("Parar antes de", "Stop before"),
    "stops_help": (
        "Um texto por linha; \\n representa a quebra de linha.",
        "One text per line; \\n stands for a line break.",
    ),
    # What is said of a text
    "writing": ("Escrevendo…", "Writing…"),
    "done_length": ("Chegou ao comprimento pedido", "Reached the requested length"),
    "done_stop": ("Encontrou um texto de parada", "Reached a stop text"),
    "done_stopped": ("Parado por você", "Stopped by you"),
    "done_undone": ("Mudança desfeita", "Change undone"),
    "told": (
        "{why} · {count} caracteres · {speed}/s · semente {seed} · {bits} bits por caractere",
        "{why} · {count} characters · {speed}/s · seed {seed} · {bits} bits per character",
    ),
    "wrong_length": (
        "Caracteres: esperado um número inteiro de 1 a {most}.",
        "Characters: expected a whole number from 1 to {most}.",
    ),
    "wrong_seed": (
        "Semente: esperado um número inteiro de 0 a {most}, ou nada.",
        "Seed: expected a whole number from 0 to {most}, or nothing.",
    ),
    "failed": (
        "A rede não pôde continuar ({message}). Abra a página de novo; se não bastar, peça outra cópia do arquivo.",
        "The network could not continue ({message}). Open the page again; if that does not help, get another copy of "
        "the file.",
    ),
    "text_label": (
        "O texto: as setas escolhem uma letra e mostram o que a rede esperava ali",
        "The text: the arrow keys select a letter and show what the network expected there",
    ),
    "blank": ("O texto aparece aqui, letra por letra.", "The text appears here, letter by letter."),
    "shaded": ("Marcar o que surpreende a rede", "Mark what surprises the network"),
    "bits_between": ("{low} a {high} bits", "{low} to {high} bits"),
    "bits_beyond": ("mais de {low}", "more than {low}"),
    # The network
    "inside": ("Por dentro da rede", "Inside the network"),
    "inside_help": (
        "A cada instante entra um caractere; dele e da memória sai a camada oculta, e dela, o que pode vir. Toque em "
        "uma letra do texto para ver o que a rede esperava ali, e em outra letra de S para reescrever a partir dali.",
        "At each instant one character comes in; from it and the memory comes the hidden layer, and from that, what "
        "may follow. Tap a letter of the text to see what the network expected there, and another letter of S to "
        "rewrite from there.",
    ),
    "first": ("Ir para o começo", "Go to the beginning"),
    "back": ("Um instante atrás", "One instant back"),
    "play": ("Seguir sozinho, caractere por caractere", "Play, character by character"),
    "pause": ("Pausar", "Pause"),
    "forth": ("Um instante adiante; no fim, escreve mais um caractere", "One instant on; at the end, writes one more"),
    "instant": ("Instante", "Instant"),
    "speed": ("Ritmo", "Pace"),
    "slow": ("lento", "slow"),
    "medium": ("médio", "medium"),
    "fast": ("rápido", "fast"),
    "part_x": ("entra", "comes in"),
    "part_m": ("a memória", "the memory"),
    "part_h": ("a camada oculta", "the hidden layer"),
    "part_s": ("o que pode vir", "what may follow"),
    "part_m_label": (
        "A memória: a camada oculta do instante anterior, um quadrado por neurônio",
        "The memory: the hidden layer of the previous instant, a square for each neuron",
    ),
    "part_h_label": ("A camada oculta, um quadrado por neurônio", "The hidden layer, a square for each neuron"),
    "rest": (
        "Barra cinza: a rede. Barra azul: com a temperatura e o top-p. Outras: {share}",
        "Grey bar: the network. Blue bar: with temperature and top-p. Others: {share}",
    ),
    "choose": ("Pôr {letter} aqui e seguir", "Put {letter} here and continue"),
    "rare": ("raras", "rare"),
    "space": ("espaço", "space"),
    "line_end": ("fim de linha", "line end"),
    "unit": ("Neurônio {unit}: {value}", "Neuron {unit}: {value}"),
    "unit_help": (
        "Azul: positivo. Laranja: negativo. Aponte um quadrado para ver o número.",
        "Blue: positive. Orange: negative. Point at a square to see its number.",
    ),
    "layer": ("Camada", "Layer"),
    "said": (
        "Instante {instant}: entra {letter}. O mais esperado: {expected}, {chance}.",
        "Instant {instant}: {letter} comes in. Most expected: {expected}, {chance}.",
    ),
    "said_came": ("Veio {came}, {bits} bits.", "Came {came}, {bits} bits."),
    # The model
    "about": ("Sobre este modelo", "About this model"),
    "fact_network": ("Rede", "Network"),
    "network": ("{cell}, {layers} × {units} neurônios", "{cell}, {layers} × {units} neurons"),
    "fact_members": ("Redes que escrevem juntas", "Networks that write together"),
    "fact_score": ("Bits por caractere", "Bits per character"),
    "score": ("{bits}, num texto que não leu", "{bits}, on a text that it has not read"),
    "fact_trained": ("Treinado com", "Trained on"),
    "trained": ("{characters} caracteres de {works}", "{characters} characters of {works}"),
    "more_works": ("e mais {count}", "and {count} more"),
    "fact_vocabulary": ("Caracteres que conhece", "Characters it knows"),
    "fact_license": ("Licença", "Licence"),
    "license_none": (
        "não declarada; é de quem treinou o modelo, na medida em que os textos o permitem",
        "not stated; it is that of whoever trained the model, as far as the texts allow",
    ),
    "nothing": (
        "O modelo escreve textos parecidos com os que leu. Não sabe nada e não quer dizer nada com eles.",
        "The model writes texts that resemble those it has read. It knows nothing and means nothing by them.",
    ),
    "private": (
        "Esta página é um só arquivo. Nada do que você escreve sai deste aparelho; ela nem pode acessar a rede.",
        "This page is one file. Nothing that you write leaves this device; it cannot even reach the network.",
    ),
    "made": (
        "Feita com o charrnn (MIT): charrnn export.",
        "Made with charrnn (MIT): charrnn export.",
    ),
}
