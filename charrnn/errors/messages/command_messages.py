"""Options and arguments of the command line that do not go together, and places that cannot be written to."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    "a-setting": ("uma configuração", "a setting"),
    "samples": ("{count} amostras", "{count} samples"),
    "not-one-sample": (
        "{setting}: esperada uma só amostra, como texto, recebido {found}",
        "{setting}: expected one sample, as text, found {found}",
    ),
    "interactive-with-constraints": (
        "{setting}: a escrita a quatro mãos não aceita regras para o texto; tire-as",
        "{setting}: constraints are not supported here; leave them out",
    ),
    "state-with-words": (
        "{setting}: --start e --contain planejam o texto inteiro e não combinam com --save-state nem --load-state",
        "{setting}: --start and --contain plan a whole text, which excludes --save-state and --load-state",
    ),
    "nothing-to-repeat": (
        "/again: o modelo ainda não escreveu nada",
        "/again: the model has not written anything yet",
    ),
    "nothing-to-undo": ("/undo: não há mudança a desfazer", "/undo: there is no change to undo"),
    "command-argument": (
        "/{command}: esperado {expected}, não veio nada",
        "/{command}: expected {expected}, found none",
    ),
    "no-such-command": (
        "/{name}: não há esse comando nem essa configuração{near} /help lista os comandos, /settings as configurações",
        "/{name}: no such command or setting{near} /help lists the commands, /settings the settings",
    ),
    "prompt-twice": (
        "{setting}: esperado um só começo, de um arquivo ou de --prompt, recebido também --prompt {found!r}",
        "{setting}: expected one prompt, from a file or from --prompt, found --prompt {found!r} too",
    ),
    "prompt-among-lines": (
        "{setting}: com --interactive, a entrada padrão traz a conversa; leia o começo de um arquivo",
        "{setting}: with --interactive, standard input carries the conversation; read the prompt from a file",
    ),
    "figures-not-finite": (
        "o resultado não é um número finito; o modelo deve estar danificado: obtenha outra cópia ou treine-o de novo",
        "the result is not a finite number; the model is probably damaged: get another copy, or train it again",
    ),
    "output-is-folder": (
        "{name}: esperado um arquivo, recebida a pasta {path}",
        "{name}: expected a file, found the folder {path}",
    ),
    "output-is-device": (
        "{name}: esperado um arquivo comum, recebido um pipe ou dispositivo, {path}",
        "{name}: expected a regular file, found a pipe or a device, {path}",
    ),
    "output-not-ours": (
        "{name}: {path} já existe e não foi o charrnn que o escreveu assim; escolha outro nome ou apague-o antes",
        "{name}: {path} exists, and is not what charrnn would write there; choose another name, or remove it first",
    ),
    "output-folder-missing": (
        "{name}: esperado um arquivo numa pasta que exista, recebido {path}; crie {folder} antes",
        "{name}: expected a file in a folder that exists, found {path}; make {folder} first",
    ),
    "output-not-writable": (
        "{name}: esperado um arquivo em que se possa gravar, recebido {path}; escolha outro lugar",
        "{name}: expected a file that may be written, found {path}; choose another place",
    ),
    "output-folder-is-file": (
        "{name} {path}: esperada uma pasta, mas {there} é um arquivo",
        "{name} {path}: expected a folder, but {there} is a file",
    ),
    "output-folder-not-writable": (
        "{name} {path}: esperada uma pasta em que se possa gravar, mas em {there} não se pode",
        "{name} {path}: expected a writable folder, but {there} cannot be written to",
    ),
    "models-not-a-folder": (
        "--models {path}: esperada uma pasta de modelos, recebido {found}",
        "--models {path}: expected a folder of models, found {found}",
    ),
    "page-and-json": (
        "{setting}: esperada uma página ou JSON, recebidos --out e --json",
        "{setting}: expected a page or JSON, found --out and --json",
    ),
    "not-one-saved-model": (
        "{setting}: esperado um único modelo, tal como foi salvo, recebido também {found}",
        "{setting}: expected one model as it was saved, found also {found}",
    ),
    "rewind-alone": (
        "{setting}: {found} só vale junto com --load-state",
        "{setting}: {found} only works together with --load-state",
    ),
    "blend-weights": (
        "{setting}: esperados pesos que somem menos de 1, recebido {found}",
        "{setting}: expected weights whose sum is below 1, found {found}",
    ),
    "blend-malformed": (
        "{setting}: esperado um modelo, : e um peso entre 0 e 1, como last:0.3, recebido {found!r}",
        "{setting}: expected a model, : and a weight between 0 and 1, such as last:0.3, found {found!r}",
    ),
    "fix-and-json": (
        "--fix escreve o texto corrigido, --json as correções; escolha um dos dois",
        "--fix writes the corrected text, --json the corrections; choose one of them",
    ),
    "proof-too-long": (
        "texto: esperados no máximo {most} caracteres para revisar, recebidos {found}; revise-o em partes",
        "text: expected at most {most} characters to proofread, found {found}; proofread it in parts",
    ),
    "proof-other-language": (
        "texto: esperado português, que é o que a lista de palavras conhece; veio outra língua",
        "text: expected Portuguese, which is what the list of words knows; found another language",
    ),
    "one-author": (
        "modelos: esperados pelo menos dois para comparar, como em: charrnn whose carta.txt --models models/a models/b",
        "models: expected at least two to compare, as in: charrnn whose letter.txt --models models/a models/b",
    ),
    "author-twice": (
        "modelos: cada um só pode vir uma vez",
        "models: each of them can be given only once",
    ),
    "too-short-to-attribute": (
        "texto: esperados pelo menos {least} caracteres para comparar os modelos, recebidos {found}",
        "text: expected at least {least} characters to compare the models, found {found}",
    ),
    "text-without-letters": (
        "esperado um texto em português, recebido um sem nenhuma letra",
        "expected a text in Portuguese, found one without any letter",
    ),
    "text-too-long-for-accents": (
        "o texto tem {found:characters}; o limite são {most:characters} de cada vez: divida-o",
        "the text has {found:characters}; the limit is {most:characters} at a time: divide it",
    ),
}
