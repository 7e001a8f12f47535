"""The texts of the tab that trains."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "train_tab": ("Treinar", "Train"),
    # The text
    "train_text_step": ("### 1. O que ele vai ler", "### 1. What it will read"),
    "train_upload": (
        "Seus textos (.txt, .html, .xml, .epub, .zip…), até 200 MB",
        "Your texts (.txt, .html, .xml, .epub, .zip…), up to 200 MB",
    ),
    "train_shelf": ("Ou escolha da estante", "Or choose from the shelf"),
    "train_shelf_help": (
        "Textos que acompanham o programa e obras em domínio público, buscadas quando for preciso.",
        "Texts that come with the program and works in the public domain, fetched when they are needed.",
    ),
    "train_path": ("Ou um arquivo ou pasta deste computador", "Or a file or folder of this computer"),
    "train_path_help": ("Para textos grandes. Enter lê.", "For large texts. Enter reads it."),
    "train_path_hint": ("/home/ana/livros", "/home/ana/books"),
    "shelf_all": ("{title} (coleção inteira, {count} obras)", "{title} (the whole collection, {count} works)"),
    "shelf_own": ("{title} (acompanha o programa)", "{title} (comes with the program)"),
    # The report
    "report_blank": (
        "Escolha um texto: o relatório sobre ele aparece aqui, antes de qualquer treino.",
        "Choose a text: its report appears here, before any training.",
    ),
    "report_reading": ("Lendo e examinando…", "Reading and examining…"),
    "report_facts": (
        "{characters} caracteres ({encoding}); palavras: {words}; linhas: {lines}; caracteres distintos: {alphabet}.",
        "{characters} characters ({encoding}); words: {words}; lines: {lines}; distinct characters: {alphabet}.",
    ),
    "report_tiny": (
        "É pouco: o modelo vai quase decorar o texto. Serve para ver a rede aprender, não para escrever bem.",
        "That is little: the model will almost memorise it. Good for watching it learn, not for good writing.",
    ),
    "report_fair": (
        "Dá para aprender palavras e o ritmo das frases. Com alguns milhões de caracteres, o modelo escreve bem "
        "melhor.",
        "Enough to learn words and the rhythm of sentences. With a few million characters, a model writes far better.",
    ),
    "report_ample": ("É um bom tamanho para aprender.", "A good size to learn from."),
    "report_total": (
        "No total: {count} textos, {characters} caracteres.",
        "In total: {count} texts, {characters} characters.",
    ),
    "report_more": (
        "Outros textos, não examinados um a um: {count}.",
        "Further texts, not examined one by one: {count}.",
    ),
    "report_part": (
        "Só os primeiros {count} caracteres foram examinados.",
        "Only the first {count} characters were examined.",
    ),
    "report_clean": ("Nenhum defeito encontrado.", "No faults found."),
    "report_fault": ("Defeito", "Fault"),
    "report_note": ("Nota", "Note"),
    "report_times": ("{count} vezes", "{count} times"),
    "report_line": ("linha {line}", "line {line}"),
    "report_baselines": (
        "Para comparar, em bits por caractere deste texto: {unigram} contando letras isoladas; {ngram} contando o "
        "que vem depois de cada {order} letras; {xz} com o compressor xz. A rede deve ficar abaixo disso.",
        "For comparison, in bits per character of this text: {unigram} from counting single letters; {ngram} from "
        "counting what follows each {order} letters; {xz} with the compressor xz. The network should need fewer.",
    ),
    "report_foreign": ("{share} do texto não está em português.", "{share} of the text is not Portuguese."),
    "report_failed": (
        "Não foi possível ler este texto. Salve-o como texto simples (.txt) em UTF-8 e tente de novo. O motivo:",
        "This text could not be read. Save it as plain text (.txt) in UTF-8 and try again. The reason:",
    ),
    "repair_bom": ("tirar a marca de ordem de bytes", "remove the byte-order mark"),
    "repair_newlines": ("igualar os fins de linha", "make line ends alike"),
    "repair_nfc": ("juntar letra e acento", "join letters and accents"),
    "repair_mojibake": ("desfazer a codificação trocada (nÃ£o → não)", "undo a wrong encoding (nÃ£o → não)"),
    "repair_gutenberg": ("tirar o cabeçalho do Projeto Gutenberg", "remove Project Gutenberg’s header"),
    "repair_pages": ("tirar números de página", "remove page numbers"),
    "repair_controls": ("tirar caracteres de controle", "remove control characters"),
    "repair_soft-hyphens": ("tirar hífens invisíveis", "remove invisible hyphens"),
    "repair_spaces": ("igualar os espaços", "make spaces alike"),
    "repair_hyphens": ("juntar palavras partidas no fim da linha", "join words broken at line ends"),
    "repair_lost-hyphens": ("repor hífens perdidos (disselhe → disse-lhe)", "put lost hyphens back"),
    "repair_unwrap": ("desfazer a quebra de linhas em parágrafos", "turn wrapped lines into paragraphs"),
    "repair_duplicates": ("tirar trechos repetidos", "remove repeated passages"),
    "repair_quotes": ("igualar as aspas", "make quotation marks alike"),
    "repair_dashes": ("igualar os travessões", "make dashes alike"),
    "train_repairs": ("Consertar ao ler", "Repair while reading"),
    "train_repairs_help": (
        "Muda só o que o modelo lê; o seu arquivo fica como está.",
        "Changes only what the model reads; your file stays as it is.",
    ),
    # The order
    "train_time_step": ("### 2. Quanto tempo você tem?", "### 2. How much time do you have?"),
    "train_minutes": ("Duração do treino", "Training time"),
    "minutes_1": ("1 minuto", "1 minute"),
    "minutes_5": ("5 minutos", "5 minutes"),
    "minutes_15": ("15 minutos", "15 minutes"),
    "minutes_60": ("1 hora", "1 hour"),
    "train_minutes_help": (
        "O tamanho da rede depende do tempo, do texto e deste computador.",
        "Network size is chosen from your time, your text and this computer.",
    ),
    "train_name": ("Nome do modelo", "Model name"),
    "train_name_help": ("Letras, números, hífen e sublinhado.", "Letters, digits, hyphen and underscore."),
    "train_more": ("Mais ajustes", "More settings"),
    "train_cell": ("Célula", "Cell"),
    "train_cell_help": (
        "elman é a rede dos livros didáticos; gru e lstm têm portas que decidem o que a memória guarda.",
        "elman is the textbook network; gru and lstm have gates that decide what the memory keeps.",
    ),
    "train_counts": ("Contagem de sequências", "Sequence counts"),
    "train_counts_help": (
        "Com ela, a rede só corrige o que a contagem já prevê. Sem ela, a rede aprende tudo sozinha.",
        "With them, the network only corrects what the counts already predict. Without them, it learns everything "
        "itself.",
    ),
    "counts_joined": ("com contagem", "with counts"),
    "counts_none": ("só a rede", "the network alone"),
    "train_prompt": ("Começo das amostras", "How the samples begin"),
    "train_prompt_help": (
        "A cada avaliação, o modelo continua este começo, sempre com a mesma semente.",
        "At each evaluation the model continues this prompt, always with the same seed.",
    ),
    "train_start": ("Treinar", "Train"),
    "train_leave": (
        "O treino roda num processo próprio: você pode fechar esta aba e voltar depois. Se o programa for "
        "encerrado, o treino para, fica salvo e pode ser retomado aqui.",
        "Training runs in its own process: you can close this tab and come back later. If the program is closed, "
        "the training stops, is saved, and can be resumed here.",
    ),
    "train_not_here": (
        "Nesta página, visitantes não treinam modelos. Aqui aparece o que já foi treinado.",
        "Visitors cannot train models on this page. Past trainings are shown here.",
    ),
    # The run
    "train_run_step": ("### 3. Ver a rede aprender", "### 3. Watch it learn"),
    "train_run_head": ("### Ver a rede aprender", "### Watch it learn"),
    "train_run": ("Treino", "Training"),
    "train_pause": ("Pausar e salvar", "Pause and save"),
    "train_finish": ("Terminar agora", "Finish now"),
    "train_resume": ("Retomar", "Resume"),
    "phase_none": (
        "Nenhum treino ainda. Escolha um texto e o tempo, e clique em Treinar.",
        "No training yet. Choose a text and a time, and press Train.",
    ),
    "phase_none_here": ("Nenhum treino ainda.", "No training yet."),
    "phase_dropped": ("Interrompido antes de começar; nada foi salvo", "Stopped before it began; nothing was saved"),
    "phase_preparing": (
        "Preparando: lendo o texto e medindo a velocidade deste computador…",
        "Preparing: reading the text and measuring this computer's speed…",
    ),
    "phase_training": ("Aprendendo", "Learning"),
    "phase_finishing": ("Terminando: avaliando o melhor modelo…", "Finishing: scoring the best model…"),
    "phase_stopping": ("Parando e salvando…", "Stopping and saving…"),
    "phase_elsewhere": (
        "Aprendendo, em outro programa deste computador",
        "Learning, in another program on this computer",
    ),
    "phase_paused": ("Pausado e salvo", "Paused and saved"),
    "phase_finished": (
        "Pronto. O modelo já está nas listas de Gerar e de Avaliar",
        "Done. The model is listed under Generate and Score",
    ),
    "phase_failed": ("O treino parou com um erro", "The training stopped with an error"),
    "train_failed": (
        "Confira se o texto ainda está no lugar e se há espaço em disco. O motivo, segundo o programa:",
        "Check that the text is still in place and that the disk has room. The reason, as the program gives it:",
    ),
    "train_left": ("tempo restante: {time}", "{time} left"),
    "train_share": ("{share} do tempo", "{share} of the time"),
    "train_speed": ("{count} caracteres/s", "{count} characters/s"),
    "train_score": ("{bits} bits por caractere no texto reservado", "{bits} bits per character on the held-out text"),
    "train_log": ("Registro do treino", "Training log"),
    "train_moment": ("Viagem no tempo", "Time travel"),
    "train_moment_help": (
        "Amostras com o mesmo começo e a mesma semente, uma por avaliação.",
        "Samples with the same prompt and seed, one per evaluation.",
    ),
    "sample_head": (
        "Avaliação {place} de {count}, depois de {time}: {bits} bits por caractere",
        "Evaluation {place} of {count}, after {time}: {bits} bits per character",
    ),
    "sample_blank": (
        "O que o modelo escreve aparece aqui a cada avaliação.",
        "What the model writes appears here at each evaluation.",
    ),
    # Messages
    # The curves
    "curve_blank": (
        "As curvas aparecem aqui assim que a rede começa a aprender.",
        "The curves appear here as soon as the network starts to learn.",
    ),
    "curve_title": (
        "Bits por caractere ao longo do treino: texto de treino, {train}; texto reservado, {valid}.",
        "Bits per character during training: training text, {train}; held-out text, {valid}.",
    ),
    "curve_bits": ("bits por caractere", "bits per character"),
    "curve_minutes": ("minutos", "minutes"),
    "curve_seconds": ("segundos", "seconds"),
    "curve_train": ("no texto de treino", "on the training text"),
    "curve_valid": ("no texto reservado", "on the held-out text"),
    "curve_unigram": ("contando letras", "counting letters"),
    "curve_ngram": ("contando sequências", "counting sequences"),
    "curve_xz": ("compressor xz", "compressor xz"),
}

FINDINGS: dict[str, tuple[str, str]] = {  # what the doctor finds, by its names
    "finding_empty": ("Não há texto nele.", "There is no text in it."),
    "finding_crlf": (
        "As linhas terminam como no Windows (CR LF); a leitura ajusta.",
        "Lines end as on Windows (CR LF); reading mends it.",
    ),
    "finding_cr": (
        "As linhas terminam como nos Macs antigos (CR); a leitura ajusta.",
        "Lines end as on old Macs (CR); reading mends it.",
    ),
    "finding_nfd": (
        "Os acentos estão separados das letras; a leitura os junta.",
        "Accents stand apart from their letters; reading joins them.",
    ),
    "finding_binary": (
        "Parece um arquivo de programa, não um texto.",
        "This looks like a program's data, not like a text.",
    ),
    "finding_nul": ("Caracteres NUL, que nenhum texto tem.", "NUL characters, which no text holds."),
    "finding_controls": ("Caracteres de controle, que ninguém lê.", "Control characters, which nobody reads."),
    "finding_form-feeds": ("Marcas de fim de página.", "Form feeds, where pages ended."),
    "finding_soft-hyphens": ("Hífens invisíveis.", "Soft hyphens, which are not seen."),
    "finding_odd-spaces": (
        "Espaços especiais, que não quebram ou de outra largura.",
        "Spaces that do not break, or of odd widths.",
    ),
    "finding_zero-width": ("Espaços sem largura, invisíveis.", "Spaces without width, which are not seen."),
    "finding_lost-characters": (
        "O sinal � está no lugar de letras que se perderam. Procure uma cópia melhor.",
        "The sign � stands for letters that were lost. Look for a better copy.",
    ),
    "finding_mojibake": (
        "Letras lidas na codificação errada (nÃ£o por não).",
        "Letters read in the wrong encoding (nÃ£o for não).",
    ),
    "finding_hyphens": ("Palavras partidas no fim da linha.", "Words are broken at line ends."),
    "finding_lost-hyphens": (
        "Pronomes que perderam o hífen (disselhe).",
        "Pronouns that lost their hyphen (disselhe).",
    ),
    "finding_wrapped": (
        "As linhas são cortadas numa margem, no meio dos parágrafos.",
        "Lines end at a margin, within paragraphs.",
    ),
    "finding_page-numbers": ("Números de página no meio do texto.", "Page numbers stand in the text."),
    "finding_running-heads": ("Cabeçalhos que se repetem a cada página.", "Heads that run from page to page."),
    "finding_gutenberg": ("Cabeçalhos e rodapés do Project Gutenberg.", "Headers and footers of Project Gutenberg."),
    "finding_duplicates": (
        "Trechos que aparecem duas vezes, letra por letra.",
        "Passages that stand here twice, letter by letter.",
    ),
    "finding_quotes": ("Aspas retas ao lado de “ ” ou « ».", "Straight quotes stand beside “ ” or « »."),
    "finding_dashes": ("Dois hífens no lugar do travessão (—).", "Two hyphens stand for a dash (—)."),
    "finding_bom": (
        "O texto começa com uma marca (BOM); a leitura a tira.",
        "The text begins with a byte-order mark; reading takes it off.",
    ),
    "finding_encoding": (
        "O arquivo não está em UTF-8; veja se os acentos estão certos.",
        "The file is not UTF-8; see whether its accents are right.",
    ),
    "finding_cut-off": (
        "O arquivo acaba no meio de um caractere, que fica de fora.",
        "The file ends in the middle of a character, which is left out.",
    ),
    "finding_language": ("Há trechos que não estão em português.", "Some passages are not Portuguese."),
    "finding_spelling-1911": (
        "A grafia é a de antes das reformas de 1911 e 1943.",
        "The spelling is that before the reforms of 1911 and 1943.",
    ),
    "finding_spelling-1971": ("Acentos como até 1971.", "Accents stand where they stood until 1971."),
    "finding_spelling-2009": (
        "Acentos e tremas como até 2009.",
        "Accents and tremas stand where they stood until 2009.",
    ),
    "finding_variety": (
        "Grafia própria de um país, como aqui:",
        "Words are spelled as one country does, such as here:",
    ),
}
TEXTS |= FINDINGS
