"""The texts of the panel of one's own models, beside the menu of models."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "my_models": ("Meus modelos", "My models"),
    "my_models_list": ("Escolha um modelo", "Choose a model"),
    "my_models_shipped": ("vem com o charrnn", "ships with charrnn"),
    "my_models_texts": ("treinado com {texts}", "trained on {texts}"),
    "my_models_more": ("{texts} e mais {count}", "{texts} and {count} more"),
    "my_models_characters": ("treinado com {count} caracteres", "trained on {count} characters"),
    "my_models_score": ("{bits} bits por caractere em {held}", "{bits} bits per character on {held}"),
    "my_models_score_same": (
        "{bits} bits por caractere no fim do mesmo texto",
        "{bits} bits per character on the end of the same text",
    ),
    "my_models_score_other": (
        "{bits} bits por caractere em texto que ele não viu",
        "{bits} bits per character on text that it has not seen",
    ),
    "my_models_unscored": ("ainda não avaliado", "not evaluated yet"),
    "my_models_name": ("Novo nome", "New name"),
    "my_models_rename": ("Renomear", "Rename"),
    "my_models_delete": ("Apagar", "Delete"),
    "my_models_download": ("Baixar", "Download"),
    "my_models_undo": ("Desfazer", "Undo"),
    "my_models_add": ("Arraste um arquivo .charrnn para cá", "Drag a .charrnn file here"),
    "my_models_renamed": ("{name} agora se chama {new}.", "{name} is now called {new}."),
    "my_models_deleted": (
        "{name} foi apagado. Por um dia, Desfazer o traz de volta.",
        "{name} is deleted. For a day, Undo brings it back.",
    ),
    "my_models_back": ("{name} está de volta.", "{name} is back."),
    "my_models_added": ("{name} está na lista, e escolhido para escrever.", "{name} is in the list, chosen to write."),
    "my_models_packed": ("{file}: {size} MB.", "{file}: {size} MB."),
}
