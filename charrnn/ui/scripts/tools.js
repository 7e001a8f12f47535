// The buttons beside the title: larger and smaller text, full screen, light and dark, print. The browser keeps the choice.
const words = WORDS[document.documentElement.lang.startsWith("pt") ? "pt" : "en"];
const SIZES = [100, 125, 150]; // percent
const button = (name) => element.querySelector(`[data-tool=${name}]`);

function kept(name) {
    try {
        return localStorage.getItem(`charrnn.${name}`);
    } catch {
        return null; // where the browser keeps nothing
    }
}

function keep(name, value) {
    try {
        localStorage.setItem(`charrnn.${name}`, value);
    } catch {} // it lasts as long as the page
}

let size = Math.max(0, SIZES.indexOf(Number(kept("size"))));

function resize(to) {
    size = to;
    document.documentElement.style.fontSize = size ? `${SIZES[size]}%` : "";
    button("smaller").disabled = size === 0;
    button("larger").disabled = size === SIZES.length - 1;
}

const isDark = () => document.body.classList.contains("dark");

function shade(dark) {
    document.body.classList.toggle("dark", dark);
    button("theme").setAttribute("aria-pressed", String(dark));
}

const act = {
    larger: () => resize(size + 1),
    smaller: () => resize(size - 1),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
    theme: () => {
        shade(!isDark());
        keep("theme", isDark() ? "dark" : "light");
    },
    print: () => print(),
};
for (const [name, run] of Object.entries(act)) {
    button(name).title = words[name];
    button(name).setAttribute("aria-label", words[name]);
    button(name).addEventListener("click", () => {
        run();
        if (name === "larger" || name === "smaller") keep("size", SIZES[size]);
    });
}
button("full").hidden = !document.fullscreenEnabled;
resize(size);
const chosen = kept("theme");
shade(chosen ? chosen === "dark" : isDark());
// Paper is white, whatever the screen shows.
let wasDark = false;
addEventListener("beforeprint", () => {
    wasDark = isDark();
    document.body.classList.remove("dark");
    document.body.classList.add("printing");
});
addEventListener("afterprint", () => {
    document.body.classList.toggle("dark", wasDark);
    document.body.classList.remove("printing");
});
