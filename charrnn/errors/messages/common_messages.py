"""Settings beyond their limits, refusals of the operating system, and words that several messages share."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    "full-stop": (".", "."),
    "did-you-mean": ("; você quis dizer {name}?", "; did you mean {name}?"),
    "nothing": ("nada", "none"),
    "the-disk": ("disco", "disk"),
    # settings
    "setting": ("{setting}: esperado {expected}, recebido {found}", "{setting}: expected {expected}, found {found}"),
    "decimal-comma": (
        "{setting}: escreva {meant}, com ponto, em vez de {found}",
        "{setting}: write {meant}, with a point, not {found}",
    ),
    "one-of": ("um destes: {choices}", "one of {choices}"),
    "whole-number": ("um número inteiro{limits}", "a whole number{limits}"),
    "finite-number": ("um número{limits}", "a finite number{limits}"),
    "text": ("um texto", "text"),
    "true-or-false": ("sim ou não", "true or false"),
    "non-empty-texts": ("textos não vazios", "non-empty texts"),
    "no-limits": ("", ""),
    "at-least": (" de no mínimo {low}", " of at least {low}"),
    "above": (" acima de {above}", " above {above}"),
    "at-most": (" de no máximo {high}", " at most {high}"),
    "at-least-at-most": (" de no mínimo {low} e no máximo {high}", " of at least {low} and at most {high}"),
    "above-at-most": (" acima de {above} e no máximo {high}", " above {above} and at most {high}"),
    "unknown-settings": (
        "{config}: esperado apenas {known}, recebido também {unknown}",
        "{config}: expected only {known}, found also {unknown}",
    ),
    "hidden-not-multiple": (
        "hidden: esperado um múltiplo dos {members} membros, recebido {hidden}",
        "hidden: expected a multiple of the {members} members, found {hidden}",
    ),
    "no-budget": (
        "orçamento: esperado um número de minutos ou de passos, não veio nenhum dos dois",
        "budget: expected minutes or steps, found neither",
    ),
    "copied-needs-training": (
        "{setting}: só vale junto com os textos com que comparar (--training)",
        "{setting}: expected both --most-copied and --training, found --most-copied alone",
    ),
    "training-needs-copied": (
        "{setting}: só vale junto com o máximo copiado (--most-copied)",
        "{setting}: expected both --most-copied and --training, found --training alone",
    ),
    "accents-need-without": (
        "{setting}: só vale junto com as letras proibidas (--without)",
        "{setting}: only works together with --without",
    ),
    # the operating system
    "system-refused": ("{name}: {cause}", "{name}: {cause}"),
    "disk-full": (
        "{name}: o disco está cheio; libere espaço ou escolha outro lugar",
        "{name}: the disk is full; make room there or choose another place",
    ),
    "some-output": ("a saída ou um arquivo temporário", "the output or a temporary file"),
    "cache-not-writable": (
        "{folder}: não foi possível gravar no cache ({cause}); aponte CHARRNN_CACHE para outra pasta",
        "{folder}: the cache cannot be written ({cause}); set CHARRNN_CACHE to another folder",
    ),
    "os-not-found": ("não existe esse arquivo ou pasta", "there is no such file or folder"),
    "os-is-folder": ("isto é uma pasta", "this is a folder"),
    "os-is-file": ("isto é um arquivo, e é preciso uma pasta", "this is a file, and a folder is needed"),
    "os-not-a-folder": (
        "uma parte deste caminho é um arquivo, não uma pasta",
        "a part of this path is a file, not a folder",
    ),
    "os-permission": ("permissão negada", "permission denied"),
    "os-read-only": ("este disco só permite leitura", "this disk is read-only"),
    "os-name-too-long": ("o nome é longo demais", "the name is too long"),
    "os-disk-full": ("o disco está cheio", "the disk is full"),
    "os-file-too-large": ("o arquivo é grande demais para este disco", "the file is too large for this disk"),
    "os-more-than-expected": (
        "o arquivo é muito maior do que um deste tipo pode ser",
        "the file is far larger than one of its kind can be",
    ),
    "os-no-regular-file": (
        "isto é um pipe ou dispositivo, não um arquivo comum",
        "this is a pipe or a device, not a regular file",
    ),
    "os-quota": ("a cota do disco se esgotou", "the disk's quota is used up"),
    "os-disk-fails": ("o disco ou dispositivo está com defeito", "the disk or device failed"),
    "os-link-loop": ("os links formam um círculo", "its links form a loop"),
    "os-too-many-files": ("há arquivos abertos demais", "too many files are open"),
    "os-connection-refused": ("a conexão foi recusada", "it refused the connection"),
    "os-no-network": ("não há rede", "there is no network"),
    "os-no-route": ("não há caminho até lá", "there is no route to it"),
    "os-no-host": ("não existe esse servidor, ou não há rede", "there is no such host, or no network"),
    "os-timeout": ("não houve resposta a tempo", "no answer in time"),
    "os-other": ("{cause}", "{cause}"),
}
