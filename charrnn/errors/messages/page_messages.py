"""What a visitor of the page cannot do, and what keeps the page from being served."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    # every tab
    "no-text-given": ("Escreva ou cole um texto primeiro.", "Write or paste a text first."),
    "no-model-chosen": ("Escolha ao menos um modelo.", "Choose at least one model."),
    "model-gone": (
        "Este modelo não existe (mais). Recarregue a página e escolha outro; charrnn train arquivo.txt treina um novo.",
        "This model does not exist (any more). Reload the page and choose another; charrnn train file.txt trains a new "
        "one.",
    ),
    # generating
    "no-text-yet": ("Gere um texto primeiro.", "Generate a text first."),
    "no-change-to-undo": ("Não há o que desfazer.", "There is nothing to undo."),
    "no-letter-picked": ("Clique antes em uma letra do texto.", "Click a letter of the text first."),
    "kept-text-damaged": (
        "Este texto guardado está danificado e não pôde ser aberto.",
        "This saved text is damaged and could not be opened.",
    ),
    "page-of-counts": (
        "{name} junta uma rede a contagens, que não cabem numa página. Escolha machado-lstm, ou treine uma rede sem "
        "contagens.",
        "{name} joins a network to counts, which do not fit into a page. Choose machado-lstm, or train a network "
        "without counts.",
    ),
    # training
    "no-text-chosen": ("Escolha primeiro um texto, no passo 1.", "Choose a text first, in step 1."),
    "training-busy": (
        "Já há um treino em curso: {name}. Espere que termine, ou pause-o.",
        "A training is already running: {name}. Wait until it finishes, or pause it.",
    ),
    "new-model-name-malformed": (
        "Dê ao modelo um nome só com letras, números, - e _.",
        "Give the model a name of letters, digits, - and _ only.",
    ),
    "new-model-name-taken": (
        "Já existe um modelo chamado {name}. Escolha outro nome.",
        "A model called {name} already exists. Choose another name.",
    ),
    "no-model-selected": ("Escolha antes um modelo na lista.", "First choose a model from the list."),
    # scoring
    "text-too-long-to-score": (
        "O texto tem {found:characters}; avalie no máximo {limit} de cada vez, ou use charrnn score no terminal.",
        "The text has {found:characters}; score at most {limit} at a time, or use charrnn score in a terminal.",
    ),
    "text-too-long-on-page": (
        "O texto tem {found:characters}; aqui cabem {limit} de cada vez. Para mais, há charrnn {command} no terminal.",
        "The text has {found:characters}; {limit} fit here at a time. For more, use charrnn {command} in a terminal.",
    ),
    "too-many-models": ("Escolha no máximo {limit} modelos.", "Choose at most {limit} models."),
    "unknown-models": (
        "models: esperados alguns destes: {known}; recebido {unknown}",
        "models: expected some of {known}; found {unknown}",
    ),
    "text-too-long-for-report": (
        "texto: esperados de 1 a {most:characters} para um relatório, recebido {found}",
        "text: expected 1 to {most:characters} for a report, found {found}",
    ),
    # the memory
    "word-of-other-length": (
        "Escreva uma palavra de 1 a {limit} letras; esta tem {found}.",
        "Type a word of 1 to {limit} letters; this one has {found}.",
    ),
    "text-too-long-to-draw": (
        "O texto tem {found:characters}; aqui cabem {limit}. Para textos longos há charrnn inspect, no terminal.",
        "The text has {found:characters}; {limit} fit here. For longer texts, use charrnn inspect in a terminal.",
    ),
    "marked-too-late": (
        "Marque um trecho que termine antes: depois dele são precisos {ahead:characters}.",
        "Mark a passage that ends sooner: {ahead:characters} must follow it.",
    ),
    "passage-outside-text": (
        "trecho: esperado de 1 a no máximo {most}, recebido de {first} a {last}",
        "span: expected at least 1 and at most {most}, found {first} to {last}",
    ),
    # requests and their arguments
    "behind-a-proxy": (
        "este pedido passou por um proxy, mas este servidor só atende este computador; para atender a outros, comece-o "
        "com --public URL",
        "this request came through a proxy, but this server answers this machine only; to serve others, start it with "
        "--public URL",
    ),
    "unknown-host": (
        "este servidor não atende pelo nome {host!r}; use o endereço que ele mostrou ao começar",
        "this server does not answer to the name {host!r}; use the address that it printed when it started",
    ),
    "other-origin": (
        "este pedido veio da página de outro site; abra esta página e repita-o nela",
        "this request came from another site's page; open this page and repeat it there",
    ),
    "no-such-page": ("não há página neste endereço", "there is no page at this address"),
    "too-many-requests": (
        "pedidos demais ao mesmo tempo; espere que os seus terminem e tente de novo",
        "too many requests at once; wait until yours have finished, then try again",
    ),
    "line-full": (
        "há {count} pessoas na fila para escrever; espere um minuto e tente de novo",
        "{count} people are in the queue to write; wait a minute, then try again",
    ),
    "too-many-passwords": (
        "senhas erradas demais; tente de novo em {wait:duration}",
        "too many wrong passwords; try again in {wait:duration}",
    ),
    "request-too-slow": ("a conexão ficou parada por tempo demais", "the connection stood still for too long"),
    "request-too-large": (
        "o pedido tem mais de {most} bytes, o máximo aqui",
        "the request has more than {most} bytes, the most that is allowed here",
    ),
    "request-not-understood": (
        "este pedido não pôde ser entendido; confira os argumentos em gradio_api/info",
        "this request could not be understood; check its arguments against gradio_api/info",
    ),
    "argument-too-long": (
        "{setting}: esperados no máximo {most:characters}, recebidos {found}",
        "{setting}: expected at most {most:characters}, found {found}",
    ),
    "argument-in-too-many-parts": (
        "{setting}: esperados no máximo {most} itens ou linhas, recebidos {found}",
        "{setting}: expected at most {most} items or lines, found {found}",
    ),
    "argument-not-a-number": (
        "{setting}: esperado um número de no máximo {most}",
        "{setting}: expected a number of at most {most}",
    ),
    "took-too-long": (
        "isto passou do tempo que cada visitante tem, {limit:duration}; peça menos de cada vez",
        "this took longer than the {limit:duration} that each visitor has; ask for less at a time",
    ),
    "nobody-reads": ("ninguém lê a resposta; o pedido foi encerrado", "nobody reads the answer; the request was ended"),
    # serving
    "not-a-public-url": (
        "--public: esperado o endereço em que um proxy serve a página, como https://exemplo.org/charrnn, recebido "
        "{found!r}",
        "--public: expected the address at which a proxy serves the page, such as https://example.org/charrnn, found "
        "{found!r}",
    ),
    "not-a-password": (
        "--auth: esperado USUÁRIO:SENHA, recebido outra coisa",
        "--auth: expected USER:PASSWORD, found something else",
    ),
    "no-tunnel": (
        "--share: não foi possível abrir um túnel para a internet",
        "--share: expected a tunnel to the internet, found none",
    ),
    "port-out-of-range": (
        "--port: esperado um número de no mínimo 0 e no máximo 65535, recebido {found:d}",
        "--port: expected a number of at least 0 and at most 65535, found {found:d}",
    ),
    "port-not-free": (
        "--port {port:d}: esperada uma porta livre em {host}, mas {why}; --port 0 usa qualquer uma que esteja livre",
        "--port {port:d}: expected a free port on {host}, but {why}; --port 0 takes any that is free",
    ),
    "port-in-use": (
        "ela está em uso, talvez por outro charrnn app ou charrnn serve",
        "it is in use, perhaps by another charrnn app or charrnn serve",
    ),
    "port-forbidden": ("só o administrador pode abri-la", "only the administrator may open it"),
    "not-a-host": (
        "--host: esperado um endereço deste computador, como 127.0.0.1 (só para ele) ou 0.0.0.0 (também para a rede), "
        "recebido {host!r}, que não é endereço nenhum",
        "--host: expected an address of this machine, such as 127.0.0.1 (for it alone) or 0.0.0.0 (for its network, "
        "too), found {host!r}, which names none",
    ),
    "host-elsewhere": (
        "--host: esperado um endereço deste computador, como 127.0.0.1 (só para ele) ou 0.0.0.0 (também para a rede), "
        "recebido {host!r}, que ele não tem",
        "--host: expected an address of this machine, such as 127.0.0.1 (for it alone) or 0.0.0.0 (for its network, "
        "too), found {host!r}, which it does not have",
    ),
    "text-changed-since": (
        "O texto mudou depois da revisão; revise-o de novo e então aplique as sugestões.",
        "The text has changed since it was proofread; proofread it again, then apply the suggestions.",
    ),
}
