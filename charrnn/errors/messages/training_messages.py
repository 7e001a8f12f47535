"""Training and scoring: what a run cannot begin with, resume from, or go on with."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    # training
    "training-killed": (
        "o processo do treino foi encerrado pelo sinal {signal}",
        "the process was ended by signal {signal}",
    ),
    "no-text-to-train": (
        "TEXT: esperado pelo menos um arquivo de texto, não veio nenhum",
        "TEXT: expected at least one text file, found none",
    ),
    "base-has-shape": (
        "--from {base}: o treino usa a forma desse modelo; tire {found}",
        "--from {base}: the run takes over that model's shape; leave out {found}",
    ),
    "base-without-counts": (
        "--from {base}: esse modelo não tem contagens; tire --counted e --counts-size",
        "--from {base}: that model has no counts; leave out --counted and --counts-size",
    ),
    "watch-knows-nothing": (
        "--watch: a rede começa sem saber nada; tire {found}",
        "--watch: the network starts from nothing; leave out {found}",
    ),
    "too-many-characters-to-count": (
        "--from {base}: para contar são precisos menos de {most} caracteres diferentes no modelo e no texto, recebido "
        "{found}",
        "--from {base}: expected fewer than {most} different characters in the model and the text, as they are "
        "counted, found {found}",
    ),
    "teacher-of-counts": (
        "--teacher: só uma rede sem contagens aprende com outro modelo; acrescente --counts none",
        "--teacher: only a network without counts learns from another model; add --counts none",
    ),
    "text-without-distill": (
        "--text: só com --distill; acrescente --distill MINUTOS",
        "--text: only with --distill; add --distill MINUTES",
    ),
    "student-too-young": (
        "interrompido antes de a rede guardar os primeiros pesos: nada foi exportado",
        "ended before the network saved its first weights: nothing was exported",
    ),
    "student-exists": (
        "{model}: a rede que aprende com esse modelo já existe; use-a com --model {model}, ou apague-a",
        "{model}: the network that learns from this model exists already; use it with --model {model}, or delete it",
    ),
    "other-teacher": (
        "{teacher}: esperado o modelo com que o treino aprendia, recebido outro ou nenhum; comece outro treino",
        "{teacher}: expected the model that the run learned from, found another or none; start a new run",
    ),
    "resume-or-overwrite": (
        "--resume, --overwrite: esperada uma das duas opções, recebidas as duas",
        "--resume, --overwrite: expected one of the two, found both",
    ),
    "attached-reads-stdin": (
        "--attached: esperados textos de arquivos, pois a entrada padrão traz comandos, recebido -",
        "--attached: expected texts from files, as standard input carries commands, found -",
    ),
    "resume-other-settings": (
        "--resume: o treino guarda suas configurações, e só --minutes ou --steps podem mudar; recebido {found}",
        "--resume: a run keeps its settings (only --minutes or --steps may change); leave out {found}",
    ),
    "no-run-to-resume": (
        "{folder}: esperado um treino interrompido, falta {file}",
        "{folder}: expected an interrupted training run, found no {file}",
    ),
    "not-a-run-state": (
        "{path}: esperado o estado de um treino, recebido outra coisa",
        "{path}: expected the state of a training run, found something else",
    ),
    "run-of-earlier-version": (
        "{path}: este treino é de uma versão anterior do charrnn e não pode ser retomado; comece outro com --from",
        "{path}: this run is of an earlier version of charrnn and cannot be resumed; start a new one with --from",
    ),
    "run-names-files": (
        "{folder}: o texto deste treino não está no cache, e o treino veio de outro lugar: os arquivos que ele cita "
        "não são abertos sem que você os indique; dê o texto de novo: charrnn train TEXTO --out {folder} --resume",
        "{folder}: this run's text is not in the cache and the run comes from elsewhere: files that it names are not "
        "opened unless you name them; pass the text again: charrnn train TEXT --out {folder} --resume",
    ),
    "run-names-teacher": (
        "{folder}: este treino veio de outro lugar e aprende com um modelo que ele cita, {teacher}, que não é aberto; "
        "comece outro treino: charrnn train TEXTO --from {folder}",
        "{folder}: this run comes from elsewhere and learns from a model that it names, {teacher}, which is not "
        "opened; start another run: charrnn train TEXT --from {folder}",
    ),
    "stdin-text-gone": (
        "{folder}: o texto veio da entrada padrão e já não está no cache; dê-o de novo: … | charrnn train - --out "
        "{folder} --resume",
        "{folder}: the text came from standard input and is no longer in the cache; pass it again: … | charrnn train - "
        "--out {folder} --resume",
    ),
    "other-text-to-resume": (
        "{names}: esperado o texto com que o treino começou, recebido outro; para seguir com o novo, comece outro "
        "treino a partir do modelo: {command}",
        "{names}: expected the text that the run began with, found another; to continue with the new text, start "
        "a new run from the model: {command}",
    ),
    "loss-not-finite": (
        "passo {step}: a perda é {found} e a norma do gradiente é {norm}, e assim há vários passos; experimente um "
        "--lr menor (era {rate:.2g}). O melhor modelo até agora está em {folder}",
        "step {step}: the loss is {found} and the gradient's norm {norm}, as for some steps now; try a smaller --lr "
        "(it was {rate:.2g}). The best model so far is in {folder}",
    ),
    "no-such-device": (
        "--device: esperado auto, cpu, cuda ou cuda:N, recebido {found!r}",
        "--device: expected auto, cpu, cuda or cuda:N, found {found!r}",
    ),
    "device-not-usable": (
        "--device: esperado um dispositivo que se possa usar, recebido {found!r} ({cause})",
        "--device: expected a usable device, found {found!r} ({cause})",
    ),
    "no-bf16-on-gpu": (
        "{setting}: esperado f32 ou auto para {cell} numa GPU, recebido 'bf16'",
        "{setting}: expected f32 or auto for {cell} on a GPU, found 'bf16'",
    ),
    "no-bf16": (
        "{setting}: esperado um formato que esta máquina tenha para {cell}, recebido 'bf16'",
        "{setting}: expected a format that this machine has for {cell}, found 'bf16'",
    ),
    "batch-not-multiple": (
        "--batch: esperado um múltiplo dos {processes} processos, recebido {found}",
        "--batch: expected a multiple of the {processes} processes, found {found}",
    ),
    "other-process-count": (
        "--resume: esperados os {expected} processos com que o treino começou, recebido {found}",
        "--resume: expected the {expected} processes that the run began with, found {found}",
    ),
    # the page's trainings
    "job-without-text": (
        "texto: esperado pelo menos um texto para aprender, não veio nenhum",
        "text: expected at least one text to learn from, found none",
    ),
    "model-name-malformed": (
        "nome: esperados só letras, números, - e _, recebido {found!r}",
        "name: expected letters, digits, - and _, found {found!r}",
    ),
    "model-name-reserved": (
        "nome: {found!r} já quer dizer outra coisa no charrnn ou no Windows; escolha outro",
        "name: {found!r} means something else to charrnn or to Windows; choose another one",
    ),
    "model-name-taken": (
        "nome: já existe um modelo chamado {found!r}; escolha outro nome",
        "name: expected one that no model has yet, found {found!r}",
    ),
    "no-training-to-resume": (
        "nome: {found!r} não é um modelo cujo treino se possa retomar",
        "name: expected a model whose training can be resumed, found {found!r}",
    ),
    "other-training": (
        "treino: só pode haver um por vez, e o de {found} ainda não terminou",
        "training: expected no other at the same time, found that of {found}",
    ),
    # the verdict on a finished training
    "verdict-good": (
        "Bom: {bits:bits} bits por caractere no texto reservado; contar sequências daria {ngram:bits}.",
        "Good: {bits:bits} bits per character on the held-out text; counting sequences would need {ngram:bits}.",
    ),
    "verdict-weak": (
        "Fraco: {bits:bits} bits por caractere no texto reservado. Contar só letras daria {unigram:bits}; contar "
        "sequências daria menos, {ngram:bits}.",
        "Weak: {bits:bits} bits per character on the held-out text. Counting letters alone would need {unigram:bits}; "
        "counting sequences would need fewer, {ngram:bits}.",
    ),
    "verdict-poor": (
        "Não aprendeu: {bits:bits} bits por caractere no texto reservado; só contar letras daria {unigram:bits}.",
        "It has not learned: {bits:bits} bits per character on the held-out text; counting letters alone would need "
        "{unigram:bits}.",
    ),
    "verdict-from-scratch": (
        "Durante o treino, foi de {start:bits}, antes do primeiro passo, a {best:bits}.",
        "During training it went from {start:bits}, before the first step, to {best:bits}.",
    ),
    "verdict-from-base": (
        "Durante o treino, foi de {start:bits}, com o modelo de partida ({base}), a {best:bits}.",
        "During training it went from {start:bits}, with the model it started from ({base}), to {best:bits}.",
    ),
    "verdict-from-same": (
        "O treino quase não mudou o modelo de partida ({base}), que já fazia {start:bits}.",
        "Training hardly changed the model it started from ({base}), which already needed {start:bits}.",
    ),
    "verdict-few-steps": (
        "Por quê: só deu tempo de {steps:steps}, e uma rede precisa de centenas.",
        "Why: there was time for {steps:steps} only, and a network needs hundreds.",
    ),
    "verdict-short-text": (
        "Por quê: o texto é curto, de {characters:characters}.",
        "Why: the text is short, {characters:characters}.",
    ),
    "verdict-other-text": (
        "Por quê: o texto reservado é de outro tipo que o de treino, em que faz {train:bits}.",
        "Why: the held-out text is of another kind than the training text, on which it needs {train:bits}.",
    ),
    "verdict-more-text-or-time": (
        "Para melhorar: mais texto do mesmo tipo, ou {time:duration}.",
        "To improve: more text of the same kind, or {time:duration}.",
    ),
    "verdict-more-text": ("Para melhorar: mais texto do mesmo tipo.", "To improve: more text of the same kind."),
    "verdict-more-time": ("Para melhorar: {time:duration}.", "To improve: {time:duration}."),
    "verdict-more-counts": (
        "A rede está sozinha: junto com a contagem de sequências, preveria melhor.",
        "The network is alone: joined to counts of sequences, it would predict better.",
    ),
    # scoring
    "score-not-finite": (
        "{model}: a avaliação não deu um número; os pesos desse modelo não prestam",
        "{model}: the score is not a number; the weights of this model are unusable",
    ),
    "no-text-to-score": (
        "texto: esperado pelo menos um caractere para avaliar, não veio nenhum",
        "text: expected at least one character to score, found none",
    ),
}
