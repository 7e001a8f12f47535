// The page: controls to messages for the writer, and its messages to what is shown.

const state = {
    desk: null,  // { send(message) }
    writing: false,
    done: null,  // the latest message of that type
    timer: null,  // of the player
    looking: false,  // whether an answer to `look` is awaited
    wanted: null,  // the instant to look at next
    asked: 0,  // the instant that was asked for last: keys come faster than answers
};

// The writer

function weights() {
    const packed = atob(find("weights").textContent.trim()), bytes = new Uint8Array(packed.length);
    for (let n = 0; n < bytes.length; n++) bytes[n] = packed.charCodeAt(n);
    return bytes;
}

// Open the writer in a worker made from this file; where that is not allowed, on the page's own thread.
function openWriter() {
    const here = () => {
        const desk = openDesk(DATA.model, weights(), received);
        state.desk = { send: (message) => desk.handle(message) };
        received({ type: "ready" });
    };
    const alone = () => setTimeout(() => attempt(here), 0);  // after the page has been painted
    try {
        const source = new Blob([find("engine").textContent], { type: "text/javascript" });
        const worker = new Worker(URL.createObjectURL(source));
        let ready = false;
        worker.onmessage = ({ data }) => {
            ready = true;
            received(data);
        };
        worker.onerror = (event) => (ready ? received({ type: "failed", message: event.message }) : alone());
        const deflated = weights();
        worker.postMessage({ type: "open", model: DATA.model, deflated }, [deflated.buffer]);
        state.desk = { send: (message) => worker.postMessage(message) };
    } catch {
        alone();
    }
}

function attempt(action) {
    try {
        action();
    } catch (error) {
        received({ type: "failed", message: String(error) });
    }
}

const RECEIVED = {
    ready() {
        document.body.dataset.state = "ready";
        tell(say("ready"));
        look(0);
        enable();
    },
    text({ from, characters, bits }) {
        letters.put(from, characters, bits);
        setEnd();
        if (state.writing && !state.timer) look(letters.spans.length);
    },
    done(message) {
        state.writing = false;
        state.done = message;
        find("plain").textContent = letters.text;
        showDone();
        look(state.after ?? letters.spans.length);
        state.after = null;
        enable();
    },
    looked(seen) {
        state.looking = false;
        if (state.wanted !== null) return look(state.wanted);
        letters.mark(seen.instant);
        if (!state.writing) letters.show(seen.instant);
        find("instant").value = seen.instant;
        showCount();
        picture.show(seen);
    },
    failed({ message }) {
        pause();
        state.writing = state.looking = false;
        tell(say("failed", { message }), true);
        document.body.dataset.state = "failed";
        enable();
    },
};

function received(message) {
    RECEIVED[message.type](message);
}

// What is asked of the writer

function write(message) {
    let wanted;
    try {
        wanted = settings();
    } catch (error) {
        pause();
        return tell(error.message, true);
    }
    if (message.step) wanted.length = 1;
    else pause();
    state.writing = true;
    if (!message.step) tell(say("writing"));
    enable();
    state.desk.send({ ...message, settings: wanted });
}

function look(instant) {
    state.asked = Math.max(0, Math.min(instant, letters.spans.length));
    state.wanted = state.looking ? state.asked : null;
    if (state.looking || document.body.dataset.state !== "ready") return;
    state.looking = true;
    state.desk.send({ type: "look", instant: state.asked, settings: shaping() });
}

// Step to an instant; beyond the end, one more character is written.
function step(instant) {
    if (instant <= letters.spans.length) return look(instant);
    if (!state.writing) write(state.done ? { type: "go", step: true } : { ...beginning(), step: true });
}

function beginning() {
    return { type: "begin", prompt: find("prompt").value };
}

// The player

function play() {
    const button = find("play");
    state.timer = setInterval(() => state.looking || step(state.asked + 1), Number(find("speed").value));
    button.firstElementChild.textContent = "❚❚";
    button.dataset.label = "pause";
    find("said").setAttribute("aria-live", "off");  // a screen reader would never be done
    translate();
}

function pause() {
    if (!state.timer) return;
    clearInterval(state.timer);
    state.timer = null;
    const button = find("play");
    button.firstElementChild.textContent = "▶";
    button.dataset.label = "play";
    find("said").setAttribute("aria-live", "polite");
    translate();
}

// What is shown

function tell(text, wrong = false) {
    find("status").textContent = text;
    find("status").classList.toggle("problem", wrong);
}

function showDone() {
    const { why, seed, count, seconds } = state.done;
    if (why === "undone") return tell(say("done_undone"));
    const speed = number(count / Math.max(seconds, 1e-3));
    const facts = { why: say(`done_${why}`), count: number(count), speed, seed, bits: number(letters.cost(count), 2) };
    tell(say("told", facts));
}

function setEnd() {
    find("instant").max = letters.spans.length;
    showCount();
}

function showCount() {
    find("count").textContent = `${number(letters.instant)} / ${number(letters.spans.length)}`;
}

function enable() {
    const ready = document.body.dataset.state === "ready", text = letters.spans.length > 0;
    for (const id of ["write", "play", "forth"]) find(id).disabled = !ready;
    find("stop").disabled = !state.writing;
    find("go").disabled = !ready || state.writing || !text;
    find("undo").disabled = !ready || !state.done?.undoable;
    find("copy").disabled = !text;
    find("text").classList.toggle("writing", state.writing);
    find("text").setAttribute("aria-busy", state.writing);
}

function showAll() {
    translate();
    showSliders();
    showFacts();
    drawLegend();
    showCount();
    if (letters.spans.length === 0) letters.blank();
    picture.list();
    find("unit").textContent = say("unit_help");
    if (state.done && !state.writing) showDone();
    else tell(say(document.body.dataset.state === "ready" ? (state.writing ? "writing" : "ready") : "loading"));
}

function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    remember("theme", theme);
    picture.paint();
}

function isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

// Connections

function listen() {
    const on = (id, event, action) => find(id).addEventListener(event, action);
    on("form", "submit", (event) => {
        event.preventDefault();
        write(beginning());
    });
    on("prompt", "keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) find("form").requestSubmit();
    });
    on("stop", "click", () => state.desk.send({ type: "stop" }));
    on("go", "click", () => write({ type: "go" }));
    on("undo", "click", () => {
        pause();
        state.desk.send({ type: "undo" });
    });
    on("copy", "click", copy);
    on("choices", "click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        state.after = letters.instant + 1;
        write({ type: "choose", place: letters.instant, character: button.dataset.character });
    });
    on("language", "click", () => {
        language = language === "pt" ? "en" : "pt";
        remember("language", language);
        showAll();
        if (picture.seen) picture.tell();
    });
    on("theme", "click", () => setTheme(isDark() ? "light" : "dark"));
    on("shaded", "change", (event) => find("text").classList.toggle("plain", !event.target.checked));
    for (const name of ["temperature", "top-p"]) on(name, "input", () => look(letters.instant));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.paint());
    listenToInstants(on);
}

function listenToInstants(on) {
    const go = (instant) => {
        pause();
        look(instant);
    };
    on("first", "click", () => go(0));
    on("back", "click", () => go(state.asked - 1));
    on("forth", "click", () => {
        pause();
        step(state.asked + 1);
    });
    on("play", "click", () => (state.timer ? pause() : play()));
    on("speed", "change", () => {
        if (!state.timer) return;
        pause();
        play();
    });
    on("instant", "input", (event) => go(Number(event.target.value)));
    on("text", "click", (event) => event.target.dataset.at && go(Number(event.target.dataset.at)));
    on("text", "keydown", (event) => {
        const at = state.asked, to = {
            ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - 10, ArrowDown: at + 10, PageUp: at - 100,
            PageDown: at + 100, Home: 0, End: letters.spans.length,
        }[event.key];
        if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        go(to);
    });
    on("layer", "change", (event) => {
        picture.layer = Number(event.target.value);
        picture.paint();
    });
    for (const name of ["memory", "hidden"]) {
        on(name, "pointermove", pointAt);
        on(name, "pointerleave", () => (find("unit").textContent = say("unit_help")));
    }
}

async function copy() {
    try {
        await navigator.clipboard.writeText(letters.text);
    } catch {  // pages from files may not everywhere
        const area = element("textarea", letters.text, "unseen");
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
    }
    tell(say("copied"));
}

function showLayers() {
    const { layers } = DATA.model.shape;
    picture.layer = layers - 1;
    find("layers").hidden = layers === 1;
    for (let layer = 0; layer < layers; layer++) {
        const option = element("option", number(layer + 1));
        option.value = layer;
        find("layer").append(option);
    }
    find("layer").value = layers - 1;
}

language = remembered("language") || language;
if (remembered("theme")) document.documentElement.dataset.theme = remembered("theme");
document.body.dataset.state = "loading";
setControls();
showLayers();
listen();
enable();
showAll();
setTimeout(openWriter, 0);  // after the page has been painted
