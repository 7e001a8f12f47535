// The network at one character of the text: what came, all units before and after it, what is expected next.
let sent = null;
let words = null;
const units = {}; // by kind: whole numbers of all instants

const speak = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const written = (value, digits) => value.toLocaleString(document.documentElement.lang || "en",
    { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (chance) => chance.toLocaleString(document.documentElement.lang || "en",
    { style: "percent", maximumFractionDigits: chance < 0.01 ? 1 : 0 });

function receive() {
    const root = element.querySelector(".reading");
    sent = root ? JSON.parse(root.dataset.sent) : null;
    if (!sent) return;
    words = JSON.parse(root.dataset.words);
    for (const kind of ["hidden", "cell"]) {
        if (sent[kind]) units[kind] = Int8Array.from(atob(sent[kind].data), (byte) => byte.charCodeAt(0));
    }
}

function drawUnits(canvas, instant) {
    const { kind, back } = canvas.dataset;
    const from = instant - Number(back);
    const nothing = canvas.parentElement.querySelector(".nothing");
    if (nothing) nothing.hidden = from >= 0; // why there is nothing to see
    const values = from < 0 ? new Int8Array(sent.units) : units[kind].subarray(from * sent.units, (from + 1) * sent.units);
    canvas.width = Math.ceil(Math.sqrt(sent.units * 2.4));
    canvas.height = Math.ceil(sent.units / canvas.width);
    const style = getComputedStyle(canvas);
    const sides = ["--plus", "--minus"].map((name) => style.getPropertyValue(name).trim().split(" ").map(Number));
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(canvas.width, canvas.height);
    const { scale } = sent[kind];
    values.forEach((value, unit) => {
        const [red, green, blue] = sides[value < 0 ? 1 : 0];
        const strength = Math.min(1, (Math.abs(value) * scale) / 127); // a cell's number may be beyond 1
        image.data.set([red, green, blue, Math.round(255 * strength)], unit * 4);
    });
    pen.putImageData(image, 0, 0);
}

function drawGuesses(list, pairs, came) {
    list.replaceChildren(...pairs.map(([letter, chance]) => {
        const line = document.createElement("li");
        const name = Object.assign(document.createElement("b"), { textContent: letter });
        const bar = Object.assign(document.createElement("i"), { className: "bar" });
        bar.style.setProperty("--share", chance);
        const many = Object.assign(document.createElement("span"), { textContent: percent(chance) });
        if (letter === came) line.className = "came";
        line.append(name, bar, many);
        return line;
    }));
}

const reading = player((instant, root) => {
    if (!sent) return;
    const letter = sent.letters[instant];
    const bits = sent.bits[instant];
    root.querySelector(".letter").textContent = letter;
    const told = bits === null ? words.told_first : speak(words.told, { bits: written(bits, 1) });
    root.querySelector(".cost").textContent = told;
    root.querySelectorAll("canvas").forEach((canvas) => drawUnits(canvas, instant));
    drawGuesses(root.querySelector(".guesses"), sent.guesses[instant], sent.letters[instant + 1]);
    const [best, chance] = sent.guesses[instant][0];
    root.querySelector(".said").textContent = `${letter}: ${told} S: ${best} ${percent(chance)}`;
    marked(instant - 1);
    if (reading?.playing()) point(instant - 1);
    const here = root.querySelector(".linked .here");
    const frame = root.querySelector(".linked .lens-text");
    if (here && (here.offsetTop < frame.scrollTop || here.offsetTop + 30 > frame.scrollTop + frame.clientHeight)) {
        frame.scrollTop = here.offsetTop - frame.clientHeight / 2;
    }
});

// Pointing somewhere else leads here, but not while it plays: then the reading leads.
document.addEventListener(POINTED, (event) => {
    if (sent && !reading.playing() && reading.now() !== event.detail + 1) reading.go(event.detail + 1);
});
element.addEventListener("click", (event) => {
    if (!event.target.closest(".linked")) return;
    reading.stop();
    const span = selected();
    if (span) trigger("select", { start: span[0], stop: span[1] });
    else if (reading.now() > 0) trigger("select", { start: reading.now() - 1, stop: reading.now() });
});
element.addEventListener("keydown", (event) => {
    if (!event.target.matches(".linked")) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key];
    if (!step) return;
    event.preventDefault();
    reading.stop();
    reading.go(reading.now() + step);
    point(reading.now() - 1);
});
element.addEventListener("pointermove", (event) => {
    const canvas = event.target.closest("canvas");
    if (!canvas || !sent) return;
    const box = canvas.getBoundingClientRect();
    const column = Math.floor((canvas.width * (event.clientX - box.left)) / box.width);
    const unit = Math.floor((canvas.height * (event.clientY - box.top)) / box.height) * canvas.width + column;
    const from = reading.now() - Number(canvas.dataset.back);
    if (unit >= sent.units) return;
    const { scale } = sent[canvas.dataset.kind];
    const value = from < 0 ? 0 : (units[canvas.dataset.kind][from * sent.units + unit] * scale) / 127;
    element.querySelector(".unit").textContent = speak(words.unit, { unit, value: written(value, 2) });
});

function selected() {
    // The characters that are selected with the mouse: from where to where.
    const chosen = getSelection();
    if (chosen.isCollapsed || !element.contains(chosen.anchorNode)) return null;
    const range = chosen.getRangeAt(0);
    const at = (node) => Number((node.nodeType === 3 ? node.parentElement : node).closest("[data-at]")?.dataset.at);
    const ends = [at(range.startContainer), at(range.endContainer)];
    if (ends.some(Number.isNaN)) return null;
    // From the far edge of a letter on, it is not one of them.
    const { startContainer: first, startOffset: offset } = range;
    const beyond = first.nodeType === 3 && offset >= first.length;
    return [ends[0] + (beyond ? 1 : 0), ends[1] + (range.endOffset > 0 ? 1 : 0)];
}

watch("value", () => {
    reading.stop();
    receive();
    reading.go(1);
});
receive();
reading.go(1);
