"""Texts, vocabularies and models: what does not fit or is damaged, and what a look into a memory needs."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    # data
    "text-too-short": (
        "texto: esperado no mínimo {least:characters}, recebido {found}",
        "text: expected at least {least:characters}, found {found}",
    ),
    "text-too-short-to-train": (
        "texto: esperado no mínimo {least:characters} para treinar, recebido {found}",
        "text: expected at least {least:characters} to train on, found {found}",
    ),
    "text-too-short-for-batch": (
        "texto: esperado no mínimo {least} tokens para um batch de {batch}, recebido {found}",
        "text: expected at least {least} tokens for a batch of {batch}, found {found}",
    ),
    "text-changed-while-read": (
        "{names}: o texto mudou durante a leitura; tente de novo quando nada mais o estiver alterando",
        "{names}: the text changed while it was read; try again when nothing writes to it",
    ),
    "lone-surrogate": (
        "texto: esperados caracteres Unicode, recebido um surrogate isolado, U+{code_point}, no caractere {place}",
        "text: expected Unicode characters, found a lone surrogate, U+{code_point}, at character {place}",
    ),
    "tokens-damaged": (
        "{folder}: os tokens acabam de ser gravados e já estão danificados; confira o disco",
        "{folder}: expected the tokens that were just written, found them damaged; check the disk",
    ),
    "not-a-tokenizer": (
        "{path}: esperado um arquivo de tokenizador, recebido outra coisa",
        "{path}: expected a tokenizer file, found something else",
    ),
    "not-a-character-vocabulary": (
        "{path}: esperado um vocabulário de caracteres e 256 bytes, recebido outro",
        "{path}: expected single characters and 256 bytes, found another vocabulary",
    ),
    # model directories
    "no-trained-model": (
        "--model last: nenhum modelo foi treinado em {folder}/",
        "--model last: expected a trained model under {folder}/, found none",
    ),
    "no-model": (
        "não existe o modelo {name!r}{near} Há estes: {known}. Também serve o caminho da pasta de um modelo",
        "there is no model {name!r}{near} There are: {known}. The path of a model directory will do, too",
    ),
    "not-a-model": (
        "{path}: esperado a pasta de um modelo, recebido {found}",
        "{path}: expected a model directory, found {found}",
    ),
    "folder-without-config": ("uma pasta sem config.json", "a folder without config.json"),
    "a-file": ("um arquivo", "a file"),
    "a-damaged-file": ("um arquivo danificado", "a damaged file"),
    "no-key": ("um {file} sem {key!r}", "no {key!r} in {file}"),
    "other-format": (
        "{path}: esperado o formato, na versão {expected}, recebido {found!r}; treine o modelo de novo",
        "{path}: expected format version {expected}, found {found!r}; train the model again",
    ),
    "other-normalization": (
        "{path}: esperada a normalização NFC, recebido {found!r}",
        "{path}: expected normalization NFC, found {found!r}",
    ),
    "shape-incomplete": (
        "{path}: esperada a forma de um modelo, falta {missing}",
        "{path}: expected the shape of a model, found no {missing}",
    ),
    "other-tokenizer": (
        "{path}: esperado o tokenizador do modelo (sha256 {expected}…), recebido outro (sha256 {found}…)",
        "{path}: expected the model's tokenizer (sha256 {expected}…), found another (sha256 {found}…)",
    ),
    "other-vocabulary-size": (
        "{path}: esperado um vocabulário de {expected} tokens, como o do tokenizador, recebido {found}",
        "{path}: expected a vocabulary of {expected} tokens, like the tokenizer's, found {found}",
    ),
    "weights-not-numbers": (
        "{path}: esperados números comuns em {weight}, recebido NaN, infinito ou um grande demais; esses pesos não "
        "servem",
        "{path}: expected ordinary numbers in {weight}, found NaN, infinity or one far too large; these weights are "
        "unusable",
    ),
    "other-weights": (
        "{path}: esperado {weight} com a forma {expected}, recebido {found}",
        "{path}: expected {weight} of shape {expected}, found {found}",
    ),
    "network-too-large": (
        "{name}: esperada uma rede de no máximo {most:bytes}, recebida uma de {found:bytes}, que precisaria de várias "
        "vezes essa memória; escolha menos unidades (--hidden, --embed) ou camadas (--layers)",
        "{name}: expected a network of at most {most:bytes}, found one of {found:bytes}, which would take several "
        "times that memory; choose fewer units (--hidden, --embed) or layers (--layers)",
    ),
    "no-last-weights": (
        "{folder}: só há os melhores pesos; os últimos do treino ficariam em {file}",
        "{folder}: expected the last weights of its training in {file}, found only the best ones",
    ),
    "counts-unreadable": (
        "{path}: esperadas as contagens do modelo, mas {found}",
        "{path}: expected the model's counts, found {found}",
    ),
    "counts-damaged": ("o arquivo está danificado", "a damaged file"),
    "counts-without-key": ("falta {key!r} em {file}", "no {key!r} in {file}"),
    "counts-refused": ("{cause}", "that {cause}"),
    "counts-type": ("{key!r} é {found}, e não {expected}", "{key!r} as {found} instead of {expected}"),
    "counts-length": (
        "{key!r} tem {found} números, e não {expected}",
        "{found} numbers in {key!r} instead of {expected}",
    ),
    "counts-range": (
        "{key!r} tem um {found}, fora do intervalo de {least} a {most}",
        "a {found} in {key!r}, outside {least} to {most}",
    ),
    "counts-order": ("os números de {key!r} estão fora de ordem", "the numbers of {key!r} out of order"),
    "counts-lists": (
        "em {key!r} uma lista repete um símbolo, tem uma contagem zero ou não termina, ou o número de listas é outro",
        "a list in {key!r} that repeats a symbol, has a count of 0 or does not end, or another number of lists",
    ),
    "counts-other-alphabet": (
        "elas são de {found} símbolos, e não de {expected}",
        "counts of {found} symbols instead of {expected}",
    ),
    "folder-holds-model": (
        "{folder}: já há um modelo nessa pasta; --resume retoma o treino, --overwrite o substitui; se o texto cresceu, "
        "continue com --from {folder} e outra pasta em --out",
        "{folder}: expected a new or empty directory, found a model; --resume continues its run, --overwrite replaces "
        "it; if its text grew, continue with --from {folder} and another --out",
    ),
    "folder-around-us": (
        "{folder}: é a pasta em que você está, e ela não pode ser substituída; dê outro nome, como ./modelo",
        "{folder}: this is the folder that you are in, which cannot be replaced; give another name, such as ./model",
    ),
    "folder-not-empty": (
        "{folder}: esperada uma pasta nova ou vazia, recebido uma com outros arquivos",
        "{folder}: expected a new or empty directory, found other files",
    ),
    "not-safetensors": (
        "{path}: esperado um arquivo safetensors completo, recebido um de outro tipo ou danificado",
        "{path}: expected a complete safetensors file, found another kind of file or a damaged one",
    ),
    "tensors-too-large": (
        "{path}: esperados no máximo {most:bytes} de números, recebidos {found:bytes}",
        "{path}: expected numbers of at most {most:bytes}, found {found:bytes}",
    ),
    "run-in-training": (
        "{folder}: outro processo está treinando este modelo; pare-o antes ou escolha outra pasta",
        "{folder}: another process is training this model; stop it first, or choose another folder",
    ),
    "onnx-without-counts": (
        "--model {name}: só uma rede sem contagens, como faz `charrnn train --counts none`, pode ser exportada; esta "
        "usa contagens, que o ONNX não lê",
        "--model {name}: expected a network alone, as `charrnn train --counts none` makes it, found one that is "
        "joined to counts, which ONNX cannot read",
    ),
    "onnx-not-installed": (
        "--to onnx: faltam os pacotes onnx e onnxscript: pip install 'charrnn[onnx]'",
        "--to onnx: expected the packages onnx and onnxscript, found them missing: pip install 'charrnn[onnx]'",
    ),
    "page-without-counts": (
        "--model {name}: este modelo junta uma rede a contagens, grandes demais para uma página; "
        "`charrnn export --distill MINUTOS` treina a partir dele uma rede sozinha e a exporta; "
        "`--model machado-lstm` já é uma",
        "--model {name}: expected a network alone, found one that is joined to counts, which are too large for a page; "
        "`charrnn export --distill MINUTES` trains a network alone from it and exports that; "
        "`--model machado-lstm` is one already",
    ),
    "page-cell": (
        "--model {name}: esperada uma célula que a página conheça, {expected}, recebido {found!r}",
        "--model {name}: expected a cell that the page knows, {expected}, found {found!r}",
    ),
    "export-format": (
        "{setting}: esperado um arquivo .html ou .onnx, ou um deles em --to, recebido {found!r}",
        "{setting}: expected a file .html or .onnx, or either of them in --to, found {found!r}",
    ),
    # lens
    "no-cell-memory": (
        "parte: esta célula só tem o vetor oculto, hidden; recebido {found!r}",
        "part: expected hidden, as this cell has no other memory, found {found!r}",
    ),
    "text-too-short-to-intervene": (
        "texto: esperado no mínimo {least:characters} para intervir, recebido {found}",
        "text: expected at least {least:characters} to intervene in, found {found}",
    ),
    "text-too-short-to-correlate": (
        "texto: esperado no mínimo {least:characters} para comparar as unidades, recebido {found}",
        "text: expected at least {least:characters} to compare units with, found {found}",
    ),
    "place-out-of-text": (
        "lugar: esperado de 0 a {most}, para que sobrem {ahead:characters} depois dele, recebido {found}",
        "place: expected 0 to {most}, so that {ahead:characters} follow, found {found}",
    ),
    "span-out-of-text": (
        "trecho: esperado entre 0 e {most}, recebido de {start} a {stop}",
        "span: expected characters within 0 to {most}, found {start} to {stop}",
    ),
    "nothing-to-score": (
        "texto: esperado no mínimo um caractere para avaliar, recebido nenhum",
        "text: expected at least one character to score, found none",
    ),
    "small-network-letters": (
        "texto: esperados apenas caracteres de {alphabet!r}, recebido {found!r}",
        "text: expected only characters of {alphabet!r}, found {found!r}",
    ),
    "small-network-length": (
        "texto: esperado de 1 a {most:characters} para uma rede pequena, recebido {found}",
        "text: expected 1 to {most:characters} for a small network, found {found}",
    ),
}
