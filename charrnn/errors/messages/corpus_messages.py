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
        "{name}: esperado um texto, recebido {found}; {advice}",
        "{name}: expected text, found {found}; {advice}",
    ),
    "a-word-document": ("um documento antigo do Office", "an old office document"),
    "an-office-document": ("um documento do Office sem texto corrido", "an office document without running text"),
    "a-spreadsheet": ("uma planilha", "a spreadsheet"),
    "a-recording": ("um áudio ou vídeo", "a recording"),
    "a-program": ("um programa", "a program"),
    "a-database": ("um banco de dados", "a database"),
    "advice-text": (
        "salve o texto como .txt (UTF-8) no programa que o criou",
        "save its text as .txt (UTF-8) in the program that made it",
    ),
    "advice-docx": (
        "abra-o no Word ou no LibreOffice e salve-o como .docx, .odt ou .txt; uma planilha, como .csv",
        "open it in Word or LibreOffice and save it as .docx, .odt or .txt; a spreadsheet, as .csv",
    ),
    "advice-csv": (
        "salve a tabela como .csv e escolha a coluna com dados.csv:coluna",
        "save the table as .csv, and choose a column with data.csv:column",
    ),
    "advice-unpack": (
        "descompacte-o com outro programa e escolha os textos, ou um .zip deles",
        "unpack it with another program, and choose the texts or a .zip of them",
    ),
    "advice-ocr": (
        "um programa de reconhecimento de texto (OCR) pode tirar dela um .txt",
        "a text recognition program (OCR) can make a .txt of it",
    ),
    "advice-transcribe": (
        "um programa de transcrição pode tirar dele um .txt ou .srt",
        "a transcription program can make a .txt or .srt of it",
    ),
    "document-damaged": (
        "{name}: não foi possível ler este documento: está danificado ou cortado; obtenha outra cópia, ou salve-o como "
        ".txt",
        "{name}: expected a whole document, found it damaged or cut off; get another copy, or save it as .txt",
    ),
    "document-too-long": (
        "{name}: esperado um documento de no máximo {most:characters}, recebido um mais longo; salve-o como .txt",
        "{name}: expected a document of at most {most:characters}, found a longer one; save it as .txt",
    ),
    "pdf-without-text": (
        "{name}: este PDF só tem imagens de páginas; um programa de OCR (como o ocrmypdf) pode acrescentar o texto",
        "{name}: this PDF holds pictures of pages, without text; an OCR program (such as ocrmypdf) can add it",
    ),
    "pdf-needs-cipher": (
        "{name}: este PDF está cifrado (AES); para lê-lo, instale a biblioteca: pip install cryptography",
        "{name}: this PDF is encrypted (AES); to read it, install the library for that: pip install cryptography",
    ),
    "not-a-notebook": (
        "{name}: esperado um notebook do Jupyter, recebido outra coisa com este nome",
        "{name}: expected a Jupyter notebook, found something else under this name",
    ),
    "table-malformed": (
        "{name}: a tabela tem, a partir da linha {line}, uma célula sem fim; falta fechar aspas?",
        "{name}: expected a table, found a cell without end from line {line} on; is a closing quote missing?",
    ),
    "table-without-text": (
        "{name}: esperada uma tabela com uma coluna de texto, mas nenhuma tem letras",
        "{name}: expected a table with a column of text, found no letters in it",
    ),
    "no-such-column": (
        "{name}: não há coluna {column!r}; há {columns}",
        "{name}: expected one of the columns {columns}, found {column!r}",
    ),
    # how a file was read
    "read-docx": (
        "lido como documento do Word: cada parágrafo é uma linha; notas, comentários e cabeçalhos ficam de fora",
        "read as a Word document: each paragraph is a line; notes, comments and headers are left out",
    ),
    "read-odt": (
        "lido como documento ODT: cada parágrafo é uma linha; notas, comentários e cabeçalhos ficam de fora",
        "read as an ODT document: each paragraph is a line; notes, comments and headers are left out",
    ),
    "read-rtf": (
        "lido como documento RTF: cada parágrafo é uma linha; notas e cabeçalhos ficam de fora{cut}",
        "read as an RTF document: each paragraph is a line; notes and headers are left out{cut}",
    ),
    "rtf-cut": (
        "; o arquivo acaba antes do fim do documento (está cortado?)",
        "; the file ends before the document does (is it cut off?)",
    ),
    "read-pdf": (
        "lido como PDF de {pages} páginas; os números de página ficam de fora{heads}",
        "read as a PDF of {pages} pages; page numbers are left out{heads}",
    ),
    "read-raw": (
        "{format}: lido como está, com os sinais do formato; para ler só o texto, exporte-o antes como .txt ou .csv",
        "{format}: read as it is, with the signs of its format; for the text alone, export it as .txt or .csv first",
    ),
    "pdf-heads": (
        ", como o que se repete no alto ou no pé das páginas: {heads}",
        ", as is what many pages begin or end with: {heads}",
    ),
    "read-notebook": (
        "lido como notebook: só os textos; código e resultados ficam de fora",
        "read as a notebook: its texts alone; code and results are left out",
    ),
    "read-subtitles": (
        "lido como legendas: só o que se diz; tempos, nomes e estilos ficam de fora",
        "read as subtitles: what is said alone; times, names and styles are left out",
    ),
    "read-subtitles-partly": (
        "lido como legendas, mas há tempos que não se entendem e ficam no texto, como {line!r}",
        "read as subtitles, but some times are not understood and stay in the text, such as {line!r}",
    ),
    "read-table": (
        "lida a coluna {column!r} da tabela{others}{above}{misfits}",
        "reading the table's column {column!r}{others}{above}{misfits}",
    ),
    "rows-above": (
        "; linhas acima dos títulos, que ficam de fora: {count}",
        "; rows above the titles, which are left out: {count}",
    ),
    "rows-uneven": (
        "; linhas com mais ou menos células que as outras: {count} (confira o que se leu delas)",
        "; rows with more or fewer cells than the others: {count} (check what was read of them)",
    ),
    "other-columns": (
        "; há também {columns} (na linha de comando, ARQUIVO:COLUNA)",
        "; there are also {columns} (on the command line, FILE:COLUMN)",
    ),
    "a-7z-archive": ("um arquivo 7z", "a 7z archive"),
    "a-rar-archive": ("um arquivo RAR", "a RAR archive"),
    "an-image": ("uma imagem", "an image"),
    "binary-file": (
        "{name}: esperado um texto, recebido um arquivo binário ({controls} caracteres de controle); salve o "
        "texto como .txt (UTF-8) no programa que o criou",
        "{name}: expected text, found a binary file ({controls} control characters); save its text as .txt (UTF-8) in "
        "the program that made it",
    ),
    "nul-in-line": (
        "esperado um texto, recebida uma linha com caracteres NUL",
        "expected text, found a line with NUL characters",
    ),
    "nul-characters": (
        "{name}: esperado um texto, recebido um com caracteres NUL; `charrnn corpus check` mostra o que são e como "
        "repará-los",
        "{name}: expected text, found NUL characters; `charrnn corpus check` shows what they are and how to repair "
        "them",
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
    "encrypted-chapters": ("capítulos cifrados (DRM)", "encrypted chapters (DRM)"),
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
        "{name}: {title} não está neste computador (no cache ou na pasta CHARRNN_CORPORA) e não pôde ser baixada: "
        "{reason}. Conecte-se à internet ou escolha outro texto",
        "{name}: {title} is not on this computer (in the cache or in the folder CHARRNN_CORPORA) and could not be "
        "fetched: {reason}. Connect to the internet, or choose another text",
    ),
    "works-unavailable": (
        "{name}: nenhuma das {count} obras está neste computador (no cache ou na pasta CHARRNN_CORPORA) nem pôde ser "
        "baixada: {reason}. Conecte-se à internet ou escolha outro texto",
        "{name}: none of the {count} works is on this computer (in the cache or in the folder CHARRNN_CORPORA), and "
        "none could be fetched: {reason}. Connect to the internet, or choose another text",
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
