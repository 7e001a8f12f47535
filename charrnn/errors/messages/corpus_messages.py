"""Texts that cannot be read or cleaned, and works of the catalogue that cannot be had."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    # names, files and folders
    "empty-name": ("TEXTO: esperado um nome, recebido um vazio", "TEXT: expected a name, found an empty one"),
    "stdin-closed": (
        "entrada padrão: esperado um texto, mas ela está fechada",
        "standard input: expected text, found it closed",
    ),
    "not-a-regular-file": (
        "{name}: esperado um arquivo de texto, recebido um dispositivo",
        "{name}: expected a text file, found a device",
    ),
    "link-to-nothing": (
        "{name}: esperado um arquivo ou uma pasta, recebido um link que não leva a nada",
        "{name}: expected a file or a folder, found a link to nothing",
    ),
    "no-file-of-pattern": (
        "{name}: nenhum arquivo corresponde a este padrão",
        "{name}: expected files of that pattern, found none",
    ),
    "no-such-text": (
        "{name}: não há arquivo, pasta nem obra de `charrnn corpus list` com este nome{close}",
        "{name}: expected a file, a folder or a name of `charrnn corpus list`, found none{close}",
    ),
    "close-names": ("; parecidos: {names}", "; close to it: {names}"),
    "no-close-names": ("", ""),
    "folder-without-texts": (
        "{name}: esperada uma pasta com textos ({endings}), mas não há nenhum nela",
        "{name}: expected a folder with texts ({endings}), found none in it",
    ),
    "text-unreadable": (
        "{name}: não foi possível ler este texto ({cause})",
        "{name}: this text cannot be read ({cause})",
    ),
    "temporary-not-writable": (
        "{folder}: não foi possível guardar aí um texto vindo de um pipe ou de um arquivo compactado ({cause}); aponte "
        "TMPDIR para uma pasta com espaço",
        "{folder}: a text from a pipe or an archive cannot be kept there ({cause}); set TMPDIR to a folder with room",
    ),
    # what a file holds
    "not-plain-text": (
        "{name}: esperado um texto, recebido {found}; salve-o como texto puro (.txt, UTF-8) no programa que o criou",
        "{name}: expected text, found {found}; save it as plain text (.txt, UTF-8) in the program that made it",
    ),
    "a-pdf": ("um PDF", "a PDF"),
    "an-rtf": ("um documento RTF", "an RTF document"),
    "a-word-document": ("um documento do Word", "a Word document"),
    "an-office-document": ("um documento do Office", "an office document"),
    "a-7z-archive": ("um arquivo 7z", "a 7z archive"),
    "a-rar-archive": ("um arquivo RAR", "a RAR archive"),
    "an-image": ("uma imagem", "an image"),
    "binary-file": (
        "{name}: esperado um texto, recebido um arquivo binário ({controls} caracteres de controle)",
        "{name}: expected text, found a binary file ({controls} control characters)",
    ),
    "nul-in-line": (
        "esperado um texto, recebida uma linha com caracteres NUL",
        "expected text, found a line with NUL characters",
    ),
    "nul-characters": (
        "{name}: esperado um texto, recebido um com caracteres NUL; --clean controls os remove",
        "{name}: expected text, found NUL characters; --clean controls removes them",
    ),
    "too-many-marks": (
        "texto: esperadas letras com seus acentos, recebidos mais de {most} acentos combinantes seguidos no caractere "
        "{place}",
        "text: expected letters with their accents, found more than {most} combining marks in a row at character "
        "{place}",
    ),
    "empty-file": (
        "{name}: esperado um texto, mas o arquivo está vazio",
        "{name}: expected text, found none: it is empty",
    ),
    "blank-file": (
        "{name}: esperado um texto, mas não há nenhum ({size:bytes} em branco)",
        "{name}: expected text, found none in its {size:bytes}",
    ),
    # archives
    "archive-without-texts": (
        "{name}: esperado um arquivo compactado com textos ({endings}), mas não há nenhum nele",
        "{name}: expected an archive with texts ({endings}), found none in it",
    ),
    "member-outside": (
        "{name}: o arquivo compactado tem um membro cujo nome leva para fora dele: {member!r}",
        "{name}: expected members with plain names, found one that leads outside: {member!r}",
    ),
    "unpacks-too-large": (
        "{name}: esperado um texto compactado, mas {packed:bytes} se expandem para mais de {limit}",
        "{name}: expected a packed text, found {packed:bytes} that unpack to more than {limit}",
    ),
    "archive-damaged": (
        "{name}: o arquivo compactado está incompleto ou danificado; obtenha outra cópia",
        "{name}: expected a whole packed file, found it cut off or damaged; get another copy",
    ),
    "archive-unsupported": (
        "{name}: não é possível descompactar este arquivo aqui ({found}); descompacte-o com outro programa",
        "{name}: expected a file that can be unpacked here, found {found}; unpack it with another program",
    ),
    "asks-for-password": ("ele pede uma senha", "one that asks for a password"),
    "rare-compression": ("o método de compressão é raro", "a rare compression method"),
    # encodings
    "not-in-encoding": (
        "{name}: esperado um texto em {encoding}, recebido {found}",
        "{name}: expected {encoding} text, found {found}",
    ),
    "cut-character": (
        "um fim no meio de um caractere (o arquivo está cortado?)",
        "an end in the middle of a character (is the file cut off?)",
    ),
    "other-bytes": ("outra coisa no byte {place}", "other bytes at byte {place}"),
    "decoder-refuses": ("um erro de leitura ({cause})", "a decoding error ({cause})"),
    "unknown-encoding": (
        "{setting}: esperado um nome como utf-8, windows-1252, cp850, utf-16 ou mixed, recebido {found!r}",
        "{setting}: expected a name such as utf-8, windows-1252, cp850, utf-16 or mixed, found {found!r}",
    ),
    "wide-without-mark": (
        "{name}: esperado um texto, recebido, ao que parece, {kind} sem marca de ordem de bytes; tente --encoding "
        "{encoding}",
        "{name}: expected text, found {kind} without a byte order mark, it seems; try --encoding {encoding}",
    ),
    "encoding-unclear": (
        "{name}: esperado UTF-8, ou Windows-1252 que se leia como português, recebido {found}; escolha com --encoding: "
        "{tried}",
        "{name}: expected UTF-8, or Windows-1252 that reads as Portuguese, found {found}; choose one with --encoding: "
        "{tried}",
    ),
    "no-other-reading": ("nenhuma outra leitura encontrada", "no other reading found"),
    # markup
    "other-xml": (
        "{name}: esperado TEI, HTML ou texto puro, recebido XML de outro tipo (<{root}>)",
        "{name}: expected TEI, HTML or plain text, found XML of another kind (<{root}>)",
    ),
    "not-xml": (
        "{name}: esperado TEI, HTML ou texto puro, recebida outra coisa com nome de XML",
        "{name}: expected TEI, HTML or plain text, found something else under the name of XML",
    ),
    "xml-malformed": (
        "{name}: esperado XML bem formado, mas há um erro na linha {line} ({found})",
        "{name}: expected well-formed XML, found {found} at line {line}",
    ),
    "entity-declared": (
        "{name}: esperado XML sem declarações de entidades, mas há uma",
        "{name}: expected XML without entity declarations, found one",
    ),
    "entity-unknown": (
        "{name}: esperadas entidades que o HTML conhece, recebida &{entity};",
        "{name}: expected entities that HTML knows, found &{entity};",
    ),
    "page-too-long": (
        "{name}: esperada uma página de no máximo {most:characters}, recebida uma mais longa",
        "{name}: expected a page of at most {most:characters}, found a longer one",
    ),
    # repairs
    "unknown-repair": (
        "{setting}: esperados alguns destes: {known}; recebido {found!r}",
        "{setting}: expected some of {known}, found {found!r}",
    ),
    "target-is-source": (
        "{path}: este arquivo é a própria fonte; escolha outro lugar",
        "{path}: expected another place than the source's, found the source itself",
    ),
    "target-exists": (
        "{path}: já existe um arquivo com este nome; --overwrite o substitui",
        "{path}: expected no file of this name, found one; --overwrite replaces it",
    ),
    "not-a-record": (
        "{path}: esperado um registro de `charrnn corpus clean`, recebido outro arquivo",
        "{path}: expected a record of `charrnn corpus clean`, found another file",
    ),
    # the catalogue
    "no-such-collection": (
        "{name}: esperada uma coleção ({collections}) ou o id de uma obra, mas não há este nome{close}",
        "{name}: expected a collection ({collections}) or the id of a work, found no such name{close}",
    ),
    "no-such-collection-before-colon": (
        "{name}: esperada uma das coleções {collections} antes dos dois-pontos, mas não há este nome{close}",
        "{name}: expected one of the collections {collections} before the colon, found no such name{close}",
    ),
    "no-such-work": (
        "{name}: esperado um autor ou uma obra de {collection}, mas não há este nome{close}",
        "{name}: expected an author or a work of {collection}, found no such name{close}",
    ),
    "several-works": (
        "{name}: esperado um só autor ou uma só obra, mas há {count}: {choices}",
        "{name}: expected to single out one author or one work, found {count}: {choices}",
    ),
    "work-unavailable": (
        "{name}: {title} não está no cache, na pasta CHARRNN_CORPORA nem na rede; {reason}",
        "{name}: expected {title} in the cache, in the folder CHARRNN_CORPORA or on the network, found none; {reason}",
    ),
    "works-unavailable": (
        "{name}: nenhuma das {count} obras está no cache, na pasta CHARRNN_CORPORA ou na rede; {reason}",
        "{name}: expected at least one of {count} works in the cache, in the folder CHARRNN_CORPORA or on the network, "
        "found none; {reason}",
    ),
    "not-an-address": (
        "{setting}: esperado um endereço como https://example.org/corpora, recebido {found}",
        "{setting}: expected an address such as https://example.org/corpora, found {found}",
    ),
    "host-unreachable": ("{host} está inacessível ({cause})", "{host} cannot be reached ({cause})"),
    "host-refuses": ("{host} respondeu {status:d} {reason}", "{host} answered {status:d} {reason}"),
    "host-broke-off": (
        "{host} interrompeu a transmissão após {received} de {size:bytes} ({cause})",
        "{host} broke off after {received} of {size:bytes} ({cause})",
    ),
    "host-has-other-file": (
        "{host} tem outro arquivo nesse endereço: o SHA-256 não é {digest}…",
        "{host} has another file there: its SHA-256 is not {digest}…",
    ),
    "connection-closed": ("a conexão foi fechada", "the connection was closed"),
    "other-file-exists": (
        "{path}: já existe outro arquivo com este nome",
        "{path}: expected no other file of this name, found one",
    ),
}
