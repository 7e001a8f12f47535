(model, prompt, ...values) => {
    // The settings that differ from their defaults, as `charrnn.ui.record.from_link` reads them.
    const asked = new URLSearchParams({ model, prompt });
    const escapes = { "\\n": "\n", "\\t": "\t", "\\\\": "\\" };
    const typed = (text) => text.replace(/\\[nt\\]/g, (found) => escapes[found]);
    SETTINGS.forEach(({ name, shown, many, escaped }, index) => {
        const value = values[index] ?? "";
        if (String(value) === String(shown ?? "")) return;
        const parts = many ? value.split("\n").filter(Boolean) : [value];
        for (const part of parts) asked.append(name, escaped ? typed(part) : part);
    });
    const address = `${location.origin}${location.pathname}?${asked}`;
    // At once: browsers let only what a click does itself reach the clipboard.
    if (navigator.clipboard) navigator.clipboard.writeText(address);
    else window.prompt("", address);
}
