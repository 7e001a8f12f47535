() => {
    // What gradio's own parts lack for keys and screen readers: names in the page's language, states, an order of tabs.
    const words = WORDS[document.documentElement.lang.startsWith("pt") ? "pt" : "en"];
    const names = [
        [/^number input for (.+)$/, words.number],
        [/^range slider for (.+)$/, "$1"],
        [/^Reset to default value$/, words.reset],
        [/^Click to upload or drop files$/, words.drop],
        [/^common\.upload$/, words.upload],
        [/^Gradio footer navigation$/, words.footer],
    ];
    const messages = [
        [/^Connection (to the server was lost|errored out)/, words.lost],
        [/^This application is currently busy/, words.busy],
    ];
    const all = (selector) => document.querySelectorAll(selector);
    const put = (part, name, value) => part.getAttribute(name) !== value && part.setAttribute(name, value);

    // A browser writes the decimal sign of its own language, and of "0,9" typed in English leaves 09. So a field for such
    // numbers becomes one for text; Gradio's script, which asks for its type and value, goes on to see a number.
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    function localize(field) {
        const shown = field.value;
        const tell = () => {
            put(field, "aria-valuenow", field.value);
            put(field, "aria-valuetext", get.call(field));
        };
        field.type = "text";
        field.inputMode = "decimal";
        field.autocomplete = "off";
        field.setAttribute("role", "spinbutton");
        Object.defineProperty(field, "type", { get: () => "number" });
        Object.defineProperty(field, "value", {
            get: () => get.call(field).replace(",", ".").match(/^\s*(-?\d+\.?\d*|-?\.\d+)\s*$/)?.[1] ?? "",
            set: (value) => {
                set.call(field, String(value ?? "").replace(".", words.point));
                tell();
            },
        });
        field.value = shown;
        field.addEventListener("input", tell);
        field.addEventListener("keydown", (event) => {
            const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
            if (!steps) return;
            event.preventDefault();
            const [low, high] = [field.min || -Infinity, field.max || Infinity].map(Number);
            const next = Math.min(high, Math.max(low, Number(field.value) + steps * field.step));
            field.value = Number(next.toFixed(6));
            field.dispatchEvent(new Event("input", { bubbles: true }));
        });
    }

    // A slider's field that is emptied, to be written anew, holds no number: gradio would send that, and be refused.
    function spare(field) {
        const bar = field.closest(".head").parentElement.querySelector("input[type=range]");
        field.addEventListener("input", (event) => field.value || event.stopImmediatePropagation(), true);
        field.addEventListener("blur", () => field.value || (field.value = bar.value));
        field.dataset.spared = "";
    }

    function repair() {
        for (const field of all(".head input[type=number]:not([data-spared])")) spare(field);
        for (const field of all("input[type=number]")) if (field.step % 1) localize(field);
        for (const name of ["aria-label", "title"]) {
            for (const part of all(`[${name}]`)) {
                const [found, better] = names.find(([english]) => english.test(part.getAttribute(name))) ?? [];
                if (found) part.setAttribute(name, part.getAttribute(name).replace(found, better));
            }
        }
        for (const fold of all(".label-wrap")) put(fold, "aria-expanded", String(fold.classList.contains("open")));
        for (const tab of all("[role=tab]")) {
            put(tab, "tabindex", tab.ariaSelected === "true" ? "0" : "-1");
            const panel = document.getElementById(tab.getAttribute("aria-controls"));
            if (panel) put(panel, "aria-labelledby", tab.id);
        }
        for (const head of all(".toast-header[role]")) {
            head.removeAttribute("role"); // a button in a button
            head.removeAttribute("tabindex");
        }
        for (const list of all(".toast-messages")) {
            const told = new Set();
            for (const item of list.querySelectorAll(".toast-message-text")) {
                const [, better] = messages.find(([english]) => english.test(item.textContent.trim())) ?? [];
                if (better) item.textContent = better;
                item.parentElement.hidden = told.has(item.textContent); // once is enough
                told.add(item.textContent);
            }
        }
        for (const status of all("#status, #my-models-status")) put(status, "aria-live", "polite");
        for (const { firstChild: name } of all("footer .show-api")) {
            if (name?.data?.trim() && name.data.trim() !== words.api) name.data = `${words.api} `;
        }
        for (const text of all(".meta-text, .meta-text-center")) {
            for (const node of text.childNodes) {
                const better = node.data?.replace("processing |", `${words.waiting} |`).replace("queue:", words.queue);
                if (better !== node.data) node.data = better;
            }
        }
        for (const end of all(".min_value, .max_value")) {
            const [digits] = end.childNodes;
            if (words.point !== "." && digits?.data?.includes(".")) digits.data = digits.data.replace(".", words.point);
        }
    }

    let waiting = false;
    new MutationObserver(() => {
        if (waiting) return;
        waiting = true;
        setTimeout(() => {
            waiting = false;
            repair();
        }, 100);
    }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class", "aria-selected"] });
    repair();

    document.addEventListener("keydown", (event) => {
        const list = event.target.closest?.("[role=tablist]");
        if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
        const tabs = [...list.querySelectorAll("[role=tab]")].filter((tab) => tab.offsetParent && !tab.disabled);
        const now = tabs.indexOf(document.activeElement);
        const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (next === undefined || now < 0) return;
        event.preventDefault();
        const tab = tabs[(next + tabs.length) % tabs.length];
        tab.click();
        tab.focus();
    });

    // What a script has to say to a screen reader. A region that was there before is read out, a new one often is not.
    const region = document.createElement("p");
    region.className = "unseen";
    region.setAttribute("aria-live", "polite");
    document.body.append(region);
    document.addEventListener("charrnn-say", (event) => (region.textContent = event.detail));
}
