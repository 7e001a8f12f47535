() => {
    // Ctrl+Enter generates, wherever the cursor is on its tab.
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        const button = document.querySelector("#do-generate");
        if (button?.offsetParent) button.click(); // not while another tab is shown
    });
    document.querySelector("#do-generate").title = "Ctrl+Enter";
    // The browser's tab tells how far a training is.
    const title = document.title;
    setInterval(() => {
        const bar = document.querySelector("#train-status :is(.preparing, .training, .finishing, .elsewhere) ~ progress");
        const shown = bar?.hasAttribute("value") ? `${Math.floor(100 * bar.value)} % · charrnn` : title;
        if (document.title !== shown) document.title = shown;
    }, 1000);
    // What was typed survives a reload.
    const fields = { score: "#score-text textarea", memory: "#memory-text textarea", train: "#train-name :is(input, textarea)" };
    const tab = () => document.querySelector("#tabs [role=tab][aria-selected=true]")?.id;
    addEventListener("pagehide", () => {
        const prompt = document.querySelector("#prompt textarea");
        if (prompt) sessionStorage.setItem("charrnn.prompt", prompt.value);
        const texts = Object.fromEntries(
            Object.entries(fields).map(([name, field]) => [name, document.querySelector(field)?.value]),
        );
        sessionStorage.setItem("charrnn.place", JSON.stringify({ tab: tab(), texts }));
    });
    if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return;
    const { tab: there, texts } = JSON.parse(sessionStorage.getItem("charrnn.place") ?? "{}");
    if (there && there !== tab()) document.getElementById(there)?.click();
    // A tab is laid out when it is first chosen, and its fields are there from then on.
    const waiting = new Map(Object.entries(texts ?? {}).filter(([, text]) => text));
    // What stands in a field at first may come late: the text is put there again, until the visitor does something.
    let idle = true;
    for (const act of ["keydown", "pointerdown"]) addEventListener(act, () => (idle = false), { once: true });
    const put = (name, text, times) => {
        const field = document.querySelector(fields[name]);
        if (field && field.value !== text) {
            field.value = text;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }
        if (times > 1) setTimeout(() => idle && put(name, text, times - 1), 500);
    };
    const fill = () => {
        for (const [name, text] of waiting) {
            if (!document.querySelector(fields[name])) continue;
            waiting.delete(name);
            setTimeout(put, 500, name, text, 20);
        }
    };
    const watcher = new MutationObserver(() => {
        fill();
        if (!waiting.size) watcher.disconnect();
    });
    if (waiting.size) watcher.observe(document.querySelector("#tabs"), { childList: true, subtree: true });
    fill();
}
