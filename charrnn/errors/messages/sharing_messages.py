"""Models that come from others or go to them: packed into one file, and on the Hugging Face hub."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    # one file
    "not-a-pack": (
        "{path}: esperado um modelo num só arquivo, como os que `charrnn pack` faz, recebido outro tipo de arquivo",
        "{path}: expected a model in one file, as `charrnn pack` makes it, found another kind of file",
    ),
    "pack-damaged": (
        "{path}: o arquivo está cortado ou danificado; peça uma nova cópia",
        "{path}: this file is cut off or damaged; get another copy",
    ),
    "pack-foreign": (
        "{path}: esperados só os arquivos de um modelo, cada um uma vez, sem senha, recebido {found}; não foi aberto",
        "{path}: expected only the files of a model, each once, without a password, found {found}; it was not opened",
    ),
    "pack-entries": ("uma lista de {count} arquivos", "a list of {count} files"),
    "pack-incomplete": (
        "{path}: falta {missing}; refaça o arquivo com charrnn pack",
        "{path}: expected a whole model, found no {missing}; pack it again with charrnn pack",
    ),
    "pack-bomb": (
        "{path}: {name} ocuparia {found:bytes}, vindo de {packed:bytes}; nenhum modelo se comprime tanto: não foi "
        "aberto",
        "{path}: {name} would take {found:bytes}, from {packed:bytes}; no model shrinks so much: it was not opened",
    ),
    "part-too-large": (
        "{path}: esperados no máximo {most:bytes}, recebidos {found:bytes}",
        "{path}: expected at most {most:bytes}, found {found:bytes}",
    ),
    "pack-unusable": (
        "{path}: o modelo que está aí não pode ser usado: {found}",
        "{path}: the model in it cannot be used: {found}",
    ),
    "unpack-name-taken": (
        "{folder}: já existe; escolha outro nome com --name",
        "{folder}: it exists already; choose another name with --name",
    ),
}
