// The texts that were written here, kept in this browser. The value is the one that stands on the page, as JSON, or "".
const MOST = 30;
const words = WORDS[document.documentElement.lang.startsWith("pt") ? "pt" : "en"];

function kept() {
    try {
        const found = JSON.parse(localStorage.getItem("charrnn.texts") ?? "[]");
        return Array.isArray(found) ? found.filter((one) => typeof one?.text === "string") : [];
    } catch {
        return [];
    }
}

function keep(list) {
    // Where there is no room for all, the oldest go.
    for (list = list.slice(0, MOST); ; list.pop()) {
        try {
            localStorage.setItem("charrnn.texts", JSON.stringify(list));
            return;
        } catch {
            if (list.length === 0) return;
        }
    }
}

function made(tag, text, changes = {}) {
    return Object.assign(document.createElement(tag), { textContent: text }, changes);
}

let dropped = null; // the text that was deleted last, until the page is left

function act(name, title, run) {
    const button = made("button", title, { type: "button", className: name });
    button.addEventListener("click", run);
    return button;
}

function when(time) {
    const shown = { dateStyle: "short", timeStyle: "short" };
    return time ? ` · ${new Date(time).toLocaleString(document.documentElement.lang, shown)}` : "";
}

function draw() {
    element.querySelector("summary").textContent = words.texts;
    const list = element.querySelector("ul");
    list.replaceChildren();
    if (dropped) {
        const row = made("li", words.dropped);
        row.setAttribute("role", "status");
        row.append(act("back", words.undo, () => {
            keep([...kept(), dropped].sort((one, other) => (other.time ?? 0) - (one.time ?? 0)));
            dropped = null;
            draw();
        }));
        list.append(row);
    }
    const texts = kept();
    for (const one of texts) {
        const row = made("li", "");
        const title = one.text.trim().replace(/\s+/g, " ").slice(0, 80) || "—";
        const open = act("open", title, () => {
            if (document.querySelector("#text [aria-busy=true]")) return;
            trigger("select", { record: JSON.stringify(one) });
        });
        const drop = act("drop", "×", () => {
            keep(kept().filter((other) => other.id !== one.id));
            dropped = one;
            draw();
            list.querySelector(".back").focus();
        });
        drop.title = words.drop;
        drop.setAttribute("aria-label", `${words.drop}: ${title}`);
        const length = Array.from(one.text).length.toLocaleString(document.documentElement.lang);
        row.append(open, made("small", `${one.model} · ${length}${when(one.time)}`), drop);
        list.append(row);
    }
    list.append(made("li", texts.length ? words.most.replace("$1", MOST) : words.none));
}

watch("value", () => {
    const value = props.value ?? "";
    if (value) {
        const now = { ...JSON.parse(value), time: Date.now() };
        keep([now, ...kept().filter((one) => one.id !== now.id)]);
        sessionStorage.setItem("charrnn.current", value);
    } else sessionStorage.removeItem("charrnn.current");
    draw();
});
addEventListener("storage", draw); // another tab of the browser
draw();
