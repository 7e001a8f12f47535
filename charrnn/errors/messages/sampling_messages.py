"""Texts that cannot be drawn as asked for, and saved texts that cannot be continued."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    "below-one": (
        "{setting}: esperado um número inteiro de no mínimo 1, recebido {found}",
        "{setting}: expected a whole number of at least 1, found {found}",
    ),
    "no-characters": (
        "{setting}: esperado ao menos um caractere, não veio nenhum",
        "{setting}: expected at least one character, found none",
    ),
    "no-letters": (
        "{setting}: esperada ao menos uma letra, recebido {found!r}",
        "{setting}: expected at least one letter, found {found!r}",
    ),
    "no-word": ("{setting}: esperada uma palavra, recebido {found!r}", "{setting}: expected a word, found {found!r}"),
    "spans-of-other-size": (
        "{setting}: esperado {expected}, pois os trechos têm {size:characters}, recebido {found}",
        "{setting}: expected {expected}, as the spans are of {size:characters}, found {found}",
    ),
    "length-below-words": (
        "{setting}: esperado no mínimo {least}, para caberem o início e as palavras, recebido {found}",
        "{setting}: expected at least {least} for the start and the words, found {found}",
    ),
    "start-ruled-out": (
        "{setting}: esperado um início que as regras permitam, recebido {found!r}",
        "{setting}: expected a text that the constraints allow, found {found!r}",
    ),
    "no-place-for-word": (
        "{setting}: as regras não deixam lugar para {word!r}; afrouxe uma delas ou aumente o tamanho",
        "{setting}: expected a place that the constraints leave for {word!r}, found none; loosen one of them",
    ),
    "only-without-nothing": (
        "{setting}: todos estes caracteres estão entre as letras proibidas; permita alguma",
        "{setting}: all of these characters are among the letters ruled out; allow one of them",
    ),
    "only-without-line-end": (
        r"{setting}: falta o fim de linha, sem o qual não há linhas; acrescente \n",
        r"{setting}: the line end is missing, without which there are no lines; add \n",
    ),
    "acrostic-without-letter": (
        "o acróstico pede {letter}, que está proibida; permita-a ou mude a palavra",
        "the acrostic asks for {letter}, which is ruled out; allow it, or change the word",
    ),
    "text-without-letter": (
        "{setting}: {text!r} tem {letter!r}, que está proibida; permita-a ou mude o texto",
        "{setting}: {text!r} has {letter!r}, which is ruled out; allow it, or change the text",
    ),
    "start-off-acrostic": (
        "{setting}: {found!r} não começa com {letter}, como o acróstico pede",
        "{setting}: {found!r} does not begin with {letter}, as the acrostic asks",
    ),
    "nothing-left": (
        "esperado que as regras deixassem algum caractere possível, e não sobra nenhum depois de {after!r}; afrouxe "
        "uma delas",
        "constraints: expected to leave a character that may come next, found none after {after!r}; loosen one of them",
    ),
    "predictions-not-numbers": (
        "o que o modelo prevê não são números: os pesos dele ou o estado carregado estão estragados; use outro modelo "
        "ou comece o texto de novo",
        "the model's predictions are not numbers: its weights or the loaded state are damaged; use another model, or "
        "begin the text again",
    ),
    "bias-malformed": (
        "{setting}: esperado um caractere, = e um número, como e=-1.5, recebido {found!r}",
        "{setting}: expected a character, = and a number, such as e=-1.5, found {found!r}",
    ),
    "bias-unknown-character": (
        "{setting}: esperado um caractere que o modelo conheça, recebido {found!r}",
        "{setting}: expected a character that the model knows, found {found!r}",
    ),
    "rewind-too-far": (
        "{setting}: esperado no máximo {most}, o número de caracteres escritos que ficaram guardados, recebido {found}",
        "{setting}: expected at most {most}, the characters written that are kept, found {found}",
    ),
    "state-of-changed-model": (
        "{path}: só se guarda o texto de um único modelo salvo, não de uma mistura nem de um modelo adaptado",
        "{path}: expected the text of one saved model, found that of a mixture or of an adapted model",
    ),
    "state-newer": (
        "{path}: texto salvo no formato {found!r}, que esta versão do charrnn não lê (lê até o {format})",
        "{path}: expected a saved text of format {format} or earlier, found {found!r}; a newer charrnn may read it",
    ),
    "state-not-a-state": (
        "{path}: esperado um texto gravado com --save-state ou baixado da página, recebido outro arquivo, ou um "
        "danificado",
        "{path}: expected a text that --save-state wrote or the page offered to download, found another file or a "
        "damaged one",
    ),
    "state-names-files": (
        "o texto salvo não abre arquivos: para copiar de novo no máximo {most} caracteres seguidos, dê outra vez "
        "--most-copied e --training",
        "the saved text opens no files: to copy at most {most} characters in a row as before, give --most-copied and "
        "--training again",
    ),
    "state-too-large": (
        "{path}: um texto salvo tem no máximo {most:bytes}; este arquivo tem {found:bytes}",
        "{path}: expected a saved text of at most {most:bytes}, found {found:bytes}",
    ),
    "state-other-model": (
        "{path}: esperado o modelo que escreveu o texto, {model} (sha256 {expected}…), recebido {name} (sha256 "
        "{found}…)",
        "{path}: expected the model that wrote it, {model} (sha256 {expected}…), found {name} (sha256 {found}…)",
    ),
    "state-other-shape": (
        "{path}: o estado salvo não tem a forma do estado de {model}, ou contém valores que não são números",
        "{path}: the saved state has another shape than a state of {model}, or values that are not finite",
    ),
}
