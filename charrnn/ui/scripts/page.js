() => {
    // What others open for a query such as ?tab=aula: at the class's address, where this machine's own page knows it.
    window.charrnnAddress = (query) =>
        (document.querySelector("#class-address")?.value ?? location.origin + location.pathname) + query;
    // Copies at once, as browsers let only what a click does itself reach the clipboard, which they offer to https and
    // this machine; the older way works everywhere. Returns whether it was copied.
    window.charrnnCopy = (text) => {
        if (navigator.clipboard) {
            navigator.clipboard.writeText(text);
            return true;
        }
        const field = Object.assign(document.createElement("textarea"), { value: text });
        document.body.append(field);
        field.select();
        const copied = document.execCommand("copy");
        field.remove();
        return copied;
    };
    // Ctrl+Enter generates, wherever the cursor is on its tab.
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        const button = document.querySelector("#do-generate");
        if (button?.offsetParent) button.click(); // not while another tab is shown
    });
    if (!matchMedia("(hover: none)").matches) document.querySelector("#do-generate").title = "Ctrl+Enter"; // a phone has no keys
    if (!window.speechSynthesis) document.querySelector("#do-speak").style.display = "none";
    // The browser's tab tells how far a training is.
    const title = document.title;
    setInterval(() => {
        const bar = document.querySelector("#train-status :is(.preparing, .training, .finishing, .elsewhere) ~ progress");
        const shown = bar?.hasAttribute("value") ? `${Math.floor(100 * bar.value)} % · charrnn` : title;
        if (document.title !== shown) document.title = shown;
    }, 1000);
    // A reload leads back to the tab, and asks again for what was measured, now in the page's language; remember.js
    // keeps what stands in the controls.
    const results = { "#do-score": "#score-marks .marks", "#do-read": "#memory-stage .reading" };
    const tab = () => document.querySelector("#tabs [role=tab][aria-selected=true]")?.id;
    addEventListener("pagehide", () => {
        const prompt = document.querySelector("#prompt textarea");
        if (prompt) sessionStorage.setItem("charrnn.prompt", prompt.value);
        const measured = Object.keys(results).filter((button) => document.querySelector(results[button]));
        sessionStorage.setItem("charrnn.place", JSON.stringify({ tab: tab(), measured }));
    });
    if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return;
    const { tab: there, measured } = JSON.parse(sessionStorage.getItem("charrnn.place") ?? "{}");
    if (there && there !== tab()) document.getElementById(there)?.click();
    // A tab is laid out when it is first chosen.
    const asking = new Set(measured);
    const ask = () => {
        for (const button of asking) {
            if (!window.charrnnRecalled || !document.querySelector(button)) continue;
            asking.delete(button);
            setTimeout(() => document.querySelector(button).click(), 1000); // gradio fills what it lays out a moment later
        }
        if (asking.size) setTimeout(ask, 500);
    };
    ask();
}
