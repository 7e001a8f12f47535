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

function draw() {
    element.querySelector("summary").textContent = words.texts;
    const list = element.querySelector("ul");
    list.replaceChildren();
    for (const one of kept()) {
        const row = made("li", "");
        const title = one.text.trim().replace(/\s+/g, " ").slice(0, 80) || "—";
        const open = made("button", title, { type: "button", className: "open" });
        open.addEventListener("click", () => {
            if (document.querySelector("#text [aria-busy=true]")) return;
            trigger("select", { record: JSON.stringify(one) });
        });
        const drop = made("button", "×", { type: "button", title: words.drop });
        drop.setAttribute("aria-label", `${words.drop}: ${title}`);
        drop.addEventListener("click", () => {
            keep(kept().filter((other) => other.id !== one.id));
            draw();
        });
        row.append(open, made("small", `${one.model} · ${Array.from(one.text).length.toLocaleString()}`), drop);
        list.append(row);
    }
    if (!list.children.length) list.append(made("li", words.none));
}

watch("value", () => {
    const value = props.value ?? "";
    if (value) {
        const now = JSON.parse(value);
        keep([now, ...kept().filter((one) => one.id !== now.id)]);
        sessionStorage.setItem("charrnn.current", value);
    } else sessionStorage.removeItem("charrnn.current");
    draw();
});
addEventListener("storage", draw); // another tab of the browser
draw();
