"""The texts of the tab with tools for a text of one's own."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "tools_tab": ("Ferramentas", "Tools"),
    "tools_intro": (
        "Para um texto seu. Nada sai deste computador.",
        "For a text of your own. Nothing leaves this computer.",
    ),
}
