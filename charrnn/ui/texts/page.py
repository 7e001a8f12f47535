"""The texts of the page around the tabs."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "title": ("charrnn · escrever em português", "charrnn · writing in Portuguese"),
    "head": (
        "# charrnn\n\nUma rede neural recorrente que aprendeu a escrever lendo, uma letra de cada vez. "
        "Tudo acontece neste computador.",
        "# charrnn\n\nA recurrent neural network that learned to write by reading, one letter at a time. "
        "Everything happens on this computer.",
    ),
    "generate_tab": ("Gerar", "Generate"),
}
