"""The texts of the page around the tabs."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "title": ("charrnn · escrever em português", "charrnn · writing in Portuguese"),
    "head": (
        "# charrnn\n\nUma rede neural recorrente que aprendeu a escrever lendo, uma letra de cada vez.",
        "# charrnn\n\nA recurrent neural network that learned to write by reading, one letter at a time.",
    ),
    "other_language": ("English", "Português"),
    "unexpected": (
        "Algo deu errado aqui dentro; o terminal onde charrnn app roda mostra o quê. Seu texto continua salvo: "
        "tente de novo, ou recarregue a página.",
        "Something went wrong inside; the terminal that runs charrnn app shows what. Your text is still there: "
        "try again, or reload the page.",
    ),
    "compiling_counts": (
        "Compilando os laços de n-gramas para este computador, só desta vez (uns 20 segundos)…",
        "Compiling the n-gram loops for this computer, once (about 20 seconds)…",
    ),
    "compiling_engine": (
        "Compilando o motor rápido para este computador, só desta vez (uns 40 segundos)…",
        "Compiling the fast engine for this computer, once (about 40 seconds)…",
    ),
}
