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
    "part-leads-out": (
        "{path}: é um atalho para um arquivo de outra pasta; para entregá-lo com o modelo, ponha uma cópia no lugar",
        "{path}: this links to a file in another folder; to give it away with the model, put a copy in its place",
    ),
    "pack-unusable": (
        "{path}: o modelo que está aí não pode ser usado: {found}",
        "{path}: the model in it cannot be used: {found}",
    ),
    "pack-suffix": (
        "FILE: esperado um nome que termine em {suffix}, recebido {found}",
        "FILE: expected a name that ends with {suffix}, found {found}",
    ),
    "unpack-name-taken": (
        "{folder}: já existe; escolha outro nome com --name",
        "{folder}: it exists already; choose another name with --name",
    ),
    "not-an-own-model": (
        "{name}: não é um modelo seu, em {folder}; os que vêm com o charrnn ficam como estão",
        "{name}: expected a model of yours, in {folder}; those that ship with charrnn stay as they are",
    ),
    "nothing-removed": (
        "não há modelo apagado a trazer de volta",
        "expected a removed model to bring back, found none",
    ),
    # the hub
    "hub-name-malformed": (
        "esperado hf:USUÁRIO/NOME ou hf:USUÁRIO/NOME@REVISÃO, recebido {found!r}",
        "expected hf:USER/NAME or hf:USER/NAME@REVISION, found {found!r}",
    ),
    "hub-no-model": (
        "hf:{name}: não existe esse modelo em {host}, ou é privado: confira o nome, ou entre com `hf auth login`",
        "hf:{name}: there is no such model on {host}, or it is private: check the name, or run `hf auth login`",
    ),
    "hub-no-revision": (
        "hf:{name}: não há a revisão {revision!r} desse modelo em {host}",
        "hf:{name}: this model has no revision {revision!r} on {host}",
    ),
    "hub-gated": (
        "hf:{name}: o dono pede que você aceite as condições antes, em https://{host}/{name}; depois, `hf auth login`",
        "hf:{name}: its owner asks you to accept terms first, at https://{host}/{name}; then run `hf auth login`",
    ),
    "hub-not-allowed": (
        "hf:{name}: {host} não aceita a sua chave para isto; entre de novo com `hf auth login`",
        "hf:{name}: {host} does not accept your token for this; run `hf auth login` again",
    ),
    "hub-not-ours": (
        "hf:{name}: não é um modelo do charrnn: falta {missing}",
        "hf:{name}: this is not a model of charrnn: it has no {missing}",
    ),
    "hub-broke-off": (
        "{host} interrompeu a transmissão ({cause})",
        "{host} broke off the transfer ({cause})",
    ),
    "hub-answer-strange": (
        "o hub deu uma resposta estranha: {name} é {found}; nada foi gravado",
        "the hub gave a strange answer: {name} is {found}; nothing was written",
    ),
    "answer-unending": ("a resposta não termina", "the answer does not end"),
    "answer-strange": ("a resposta não é a de um hub", "the answer is not that of a hub"),
    "hub-offline": ("HF_HUB_OFFLINE pede que nada saia para a rede", "HF_HUB_OFFLINE keeps off the network"),
    "hub-kept": (
        "hf:{name}: {why}; usando a cópia obtida antes",
        "hf:{name}: {why}; using the copy that was fetched before",
    ),
    "hub-not-kept": (
        "hf:{name}: {why}, e não há cópia inteira aqui; repita com rede: o que já chegou fica",
        "hf:{name}: {why}, and no whole copy is here; repeat with a network: what has arrived is kept",
    ),
    "hub-no-token": (
        "push: entre antes em {host}, com `hf auth login` ou a variável HF_TOKEN",
        "push: log in to {host} first, with `hf auth login` or the variable HF_TOKEN",
    ),
    "hub-is-public": (
        "hf:{name}: já existe e é público; nada foi enviado: escolha outro nome, ou torne-o privado no site",
        "hf:{name}: it exists and is public; nothing was sent: choose another name, or make it private on the site",
    ),
    "push-needs-yes": (
        "push: sem terminal para perguntar, só envio com --yes",
        "push: expected --yes where no terminal can be asked",
    ),
}
