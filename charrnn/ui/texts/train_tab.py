"""The texts of the tab that trains."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "train_tab": ("Treinar", "Train"),
    # The text
    "train_text_step": ("## 1. O que ele vai ler", "## 1. What it will read"),
    "train_upload": (
        "Seus textos (.txt, .docx, .pdf, .csv, .zip…), até 200 MB",
        "Your texts (.txt, .docx, .pdf, .csv, .zip…), up to 200 MB",
    ),
    "train_column": ("Coluna da tabela", "Column of the table"),
    "train_paste": ("Ou cole um texto", "Or paste a text"),
    "train_paste_hint": ("Ctrl+V", "Ctrl+V"),
    "train_shelf": ("Ou escolha da estante", "Or choose from the shelf"),
    "train_shelf_help": (
        "Textos que acompanham o programa e obras em domínio público, buscadas quando for preciso.",
        "Texts that come with the program and works in the public domain, fetched when they are needed.",
    ),
    "train_path": ("Ou um arquivo ou pasta deste computador", "Or a file or folder of this computer"),
    "train_path_help": ("Para textos grandes. Tecle Enter para ler.", "For large texts. Press Enter to read it."),
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
        "O modelo vai ler {count} textos, um depois do outro: {names}. No total, {characters} caracteres.",
        "The model will read {count} texts, one after another: {names}. In total, {characters} characters.",
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
        "Não foi possível ler este texto.",
        "This text could not be read.",
    ),
    "train_repairs": ("Consertar ao ler", "Repair while reading"),
    "train_repairs_help": (
        "Muda só o que o modelo lê; o seu arquivo fica como está.",
        "Changes only what the model reads; your file stays as it is.",
    ),
    # The order
    "train_time_step": ("## 2. Quanto tempo você tem?", "## 2. How much time do you have?"),
    "train_minutes": ("Duração do treino", "Training time"),
    "minutes_1": ("1 minuto", "1 minute"),
    "minutes_5": ("5 minutos", "5 minutes"),
    "minutes_15": ("15 minutos", "15 minutes"),
    "minutes_60": ("1 hora", "1 hour"),
    "train_minutes_help": (
        "O tempo conta do clique até o fim; dele, do texto e deste computador depende o tamanho da rede. Preparar um "
        "texto de milhões de caracteres leva cerca de um minuto: o que passar da metade do tempo vem por cima.",
        "Counts from the click to the end; network size is chosen from it, your text and this computer. Preparing a "
        "text of millions of characters takes about a minute: what exceeds half of your time comes on top.",
    ),
    "train_name": ("Nome do modelo", "Model name"),
    "train_name_help": ("Letras, números, hífen e sublinhado.", "Letters, digits, hyphen and underscore."),
    "train_more": ("Mais ajustes", "More settings"),
    "train_cell": ("Célula", "Cell"),
    "train_cell_help": (
        "elman é a rede dos livros didáticos; gru e lstm têm portas que decidem o que a memória guarda.",
        "elman is the textbook network; gru and lstm have gates that decide what the memory keeps.",
    ),
    "train_aim": ("Quero…", "I want…"),
    "train_aim_help": (
        "Para escrever bem, a rede corrige o que a contagem de sequências já prevê, e pode partir de um modelo que "
        "sabe português. Uma página que abre em qualquer navegador leva só a rede. Do zero, ela começa sem saber nem "
        "as letras, e você vê o que escreve antes do primeiro passo e depois de 1, 2, 5, 10, 20… passos.",
        "To write well, the network corrects what counts of sequences already predict, and may start from a model that "
        "knows Portuguese. A page that opens in any browser holds the network alone. From nothing, it begins without "
        "even the letters, and you see what it writes before the first step and after 1, 2, 5, 10, 20… steps.",
    ),
    "aim_write": ("um modelo que escreva bem aqui", "a model that writes well here"),
    "aim_share": ("uma página para compartilhar", "a page to share"),
    "aim_watch": ("ver a rede aprender do zero", "to watch the network learn from nothing"),
    "train_exam": ("Com prova de gramática", "With a grammar exam"),
    "train_exam_help": (
        "A cada avaliação, a rede diz de pares de frases qual é mais provável; você vê em quantos ela acerta a "
        "gramática do português, categoria por categoria. Custa pouco tempo.",
        "At each evaluation, the network tells which sentence of a pair is likelier; you see in how many it gets the "
        "grammar of Portuguese right, category by category. It takes little time.",
    ),
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
    "train_run_step": ("## 3. Ver a rede aprender", "## 3. Watch it learn"),
    "train_run_head": ("## Ver a rede aprender", "## Watch it learn"),
    "train_run": ("Treino", "Training"),
    "train_pause": ("Pausar e salvar", "Pause and save"),
    "train_cancel": ("Cancelar", "Cancel"),
    "train_finish": ("Terminar agora", "Finish now"),
    "train_resume": ("Retomar", "Resume"),
    "train_longer": ("Treinar mais: {time} ao todo", "Train more: {time} in all"),
    "trained_write": ("Gerar com este modelo", "Generate with this model"),
    "trained_share": ("Compartilhar", "Share"),
    "phase_none": (
        "Nenhum treino ainda. Escolha um texto e o tempo, e toque em Treinar.",
        "No training yet. Choose a text and a time, and press Train.",
    ),
    "phase_none_here": ("Nenhum treino ainda.", "No training yet."),
    "phase_dropped": ("Cancelado antes de começar; nada foi salvo", "Cancelled before it began; nothing was saved"),
    "phase_preparing": ("Preparando", "Preparing"),
    "phase_cancelling": ("Cancelando…", "Cancelling…"),
    "phase_training": ("Aprendendo", "Learning"),
    "phase_finishing": ("Terminando", "Finishing"),
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
    "stage_starting": ("abrindo o programa", "opening the program"),
    "stage_reading": ("lendo o texto", "reading the text"),
    "stage_choosing": ("escolhendo de onde partir", "choosing where to start from"),
    "stage_counting": ("contando sequências", "counting sequences"),
    "stage_probing": ("medindo este computador", "trying out this computer"),
    "stage_comparing": ("medindo modelos simples, para comparar", "measuring simple models, to compare"),
    "stage_learning": ("aprendendo", "learning"),
    "stage_calibrating": ("calibrando e avaliando", "calibrating and scoring"),
    "stage_writing": ("gravando", "saving"),
    "stages": ("Etapas", "Steps"),
    "train_over": (
        "preparar demorou: vai terminar {time} depois do pedido",
        "preparing took long: it will end {time} after the time you asked for",
    ),
    "train_nearly": ("mais um instante", "a moment more"),
    "train_took": ("{time} ao todo", "{time} in all"),
    "train_failed": (
        "Confira se o texto ainda está no lugar e se há espaço em disco. O motivo, segundo o programa:",
        "Check that the text is still in place and that the disk has room. The reason, as the program gives it:",
    ),
    "train_left": ("tempo restante: {time}", "{time} left"),
    "train_share": ("{share} do tempo", "{share} of the time"),
    "train_speed": ("{count} caracteres/s", "{count} characters/s"),
    "train_score": (
        "{bits} bits por caractere no texto reservado (que ele não viu)",
        "{bits} bits per character on the held-out text (which it has not seen)",
    ),
    "train_log": ("Registro do treino, em inglês, como no terminal", "Training log, as in the terminal"),
    "train_moment": ("Viagem no tempo", "Time travel"),
    "train_moment_help": (
        "Amostras com o mesmo começo e a mesma semente, uma por avaliação.",
        "Samples with the same prompt and seed, one per evaluation.",
    ),
    "sample_head": (
        "Avaliação {place} de {count}, depois de {time}: {bits} bits por caractere",
        "Evaluation {place} of {count}, after {time}: {bits} bits per character",
    ),
    "sample_untrained": (
        "Antes do primeiro passo: {bits} bits por caractere",
        "Before the first step: {bits} bits per character",
    ),
    "sample_early": (
        "Avaliação {place} de {count}, depois de {steps}: {bits} bits por caractere",
        "Evaluation {place} of {count}, after {steps}: {bits} bits per character",
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
    "curve_steps": ("passos, em escala logarítmica", "steps, on a logarithmic scale"),
    "curve_train": ("no texto de treino", "on the training text"),
    "curve_valid": ("no texto reservado", "on the held-out text"),
    "curve_unigram": ("contando letras", "counting letters"),
    "curve_ngram": ("contando sequências", "counting sequences"),
    "curve_exam": (
        "Prova de gramática: pares em que a frase certa é a mais provável; a linha tracejada é uma moeda.",
        "Grammar exam: pairs in which the right sentence is the likelier one; the dashed line is a coin.",
    ),
    "curve_xz": ("compressor xz", "compressor xz"),
}
