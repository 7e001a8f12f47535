(model, prompt, ...values) => {
    // The settings that differ from their defaults, as `charrnn.ui.record.from_link` reads them.
    const asked = new URLSearchParams({ model, prompt });
    const escapes = { "\\n": "\n", "\\t": "\t", "\\\\": "\\" };
    const typed = (text) => text.replace(/\\[nt\\]/g, (found) => escapes[found]);
    SETTINGS.forEach(({ name, shown, many, escaped }, index) => {
        // Without the seed that was drawn, nobody else would see the same text.
        const value = values[index] ?? (name === "seed" ? document.querySelector("#text article")?.dataset.seed : "") ?? "";
        if (String(value) === String(shown ?? "")) return;
        const parts = many ? value.split("\n").filter(Boolean) : [value];
        for (const part of parts) asked.append(name, escaped ? typed(part) : part);
    });
    const address = window.charrnnAddress(`?${asked}`);
    if (window.charrnnCopy(address)) return "link";
    window.prompt("", address);
    return "";
}
