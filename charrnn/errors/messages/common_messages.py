"""Why the operating system refused, and words that several messages share."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    "full-stop": (".", "."),
    "did-you-mean": ("; você quis dizer {name}?", "; did you mean {name}?"),
    "nothing": ("nada", "none"),
    "the-disk": ("disco", "disk"),
    "system-refused": ("{name}: {cause}", "{name}: {cause}"),
    "disk-full": (
        "{name}: o disco está cheio (os textos ficam em CHARRNN_CACHE, os arquivos temporários em TMPDIR: aponte "
        "essas variáveis para um lugar com espaço)",
        "{name}: the disk is full (texts are kept under CHARRNN_CACHE, temporary ones under TMPDIR: set these to a "
        "place with room)",
    ),
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
    "os-quota": ("a cota do disco se esgotou", "the disk's quota is used up"),
    "os-disk-fails": ("o disco ou dispositivo está com defeito", "the disk or device fails"),
    "os-link-loop": ("os links formam um círculo", "links lead in a circle"),
    "os-too-many-files": ("há arquivos abertos demais", "too many files are open"),
    "os-connection-refused": ("a conexão foi recusada", "it refuses the connection"),
    "os-no-network": ("não há rede", "there is no network"),
    "os-no-route": ("não há caminho até lá", "there is no way to it"),
    "os-no-host": ("não existe esse servidor, ou não há rede", "there is no such host, or no network"),
    "os-timeout": ("não houve resposta a tempo", "no answer in time"),
    "os-other": ("{cause}", "{cause}"),
}
