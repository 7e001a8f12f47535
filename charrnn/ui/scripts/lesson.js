// The lesson: which step is shown, what the class does in it, and what there is to see then. guided_steps.py sends it all.
let sent = null;
let words = null;
let paint = null;
let step = 0;
let now = 0; // the instant, from 0
let one = 0; // the neuron of H
let age = 0; // how long the network has been trained, as a place among the sent ones
let cut = false;
let timer = null;

const root = () => element.querySelector(".lesson");
const steps = () => root().querySelectorAll(".way button").length;
const speak = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const mean = (bits) => bits.reduce((sum, each) => sum + each, 0) / bits.length;
const network = () => sent.ages[step === 6 ? age : sent.ages.length - 1];
const reading = () => (step === 5 && cut ? sent.cut : network());
const best = (instant) => reading().output[instant].reduce((top, chance, place, all) => (chance > all[top] ? place : top), 0);
const rights = (from) => from.output.filter((chances, t) => chances.indexOf(Math.max(...chances)) === sent.next[t]).length;

function told(instant) {
    const guess = best(instant);
    return {
        time: instant + 1, before: instant, letter: sent.alphabet[sent.read[instant]], best: sent.alphabet[guess],
        chance: percent(reading().output[instant][guess]), target: sent.alphabet[sent.next[instant]],
        bits: written(reading().bits[instant], 2), read: sent.read.slice(1, instant + 1).map((place) => sent.alphabet[place]).join("") || "↵",
    };
}

function html(tag, content, kind = "") {
    const made = document.createElement(tag);
    made.append(...[content].flat());
    if (kind) made.className = kind;
    return made;
}

const named = (letter, index) => [letter, html("sub", String(index))];

// What there is to see in each step: a sentence and, perhaps, something below it.
const seen = {
    1: () => [speak(words["1_see"], told(now)) + (sent.read[now] === 0 ? ` ${words["1_sign"]}` : "")],
    2: () => [speak(words["2_see"], { ...told(now), neuron: one + 1 }), sum()],
    3: () => (now === 0 ? [words["3_first"]] : [speak(words["3_see"], told(now)), both()]),
    4: () => [speak(words["4_see"], told(now))],
    5: () => {
        const [whole, less] = [network(), sent.cut];
        const said = speak(words["5_see"], { right: rights(whole), count: sent.next.length, bits: written(mean(whole.bits), 2) });
        if (!cut) return [said];
        const more = written(mean(less.bits) - mean(whole.bits), 2);
        const little = rights(whole) - rights(less) < 2 ? ` ${words["5_little"]}` : "";
        return [speak(words["5_see_cut"], { right: rights(less), count: sent.next.length, more }) + little, bars(mean(whole.bits), mean(less.bits))];
    },
    6: () => {
        const facts = { step: written(network().step, 0), bits: written(mean(network().bits), 2), right: rights(network()), count: sent.next.length };
        const even = { letters: sent.alphabet.length, even: written(Math.log2(sent.alphabet.length), 2) };
        return [speak(words[age === 0 ? "6_untrained" : "6_see"], { ...facts, ...even }), curve()];
    },
    7: () => [words["7_see"]],
};

function table(rows) {
    return html("table", html("tbody", rows.map(([name, ...cells]) => {
        const head = html("th", name);
        head.scope = "row";
        return html("tr", [head, ...cells.map((cell) => html("td", cell))]);
    })));
}

function sum() {
    const weights = network();
    const letter = sent.read[now];
    const memory = memoryAt(now);
    const product = (weight, value, digits) => [`${written(weight, 2)} × ${written(value, digits)} =`, written(weight * value, 2)];
    const total = weights.W[one][letter] + weights.b[one] + memory.reduce((all, value, k) => all + weights.U[one][k] * value, 0);
    const rows = [
        [named("X", sent.alphabet[letter]), ...product(weights.W[one][letter], 1, 0)],
        ...memory.map((value, k) => [`M[${k + 1}]`, ...product(weights.U[one][k], value, 2)]),
        [words["2_constant"], "", written(weights.b[one], 2)],
        [words["2_sum"], "", written(total, 2)],
        [`H[${one + 1}]`, `tanh(${written(total, 2)}) =`, written(Math.tanh(total), 2)],
    ];
    return table(rows);
}

function both() {
    const numbers = (values) => values.map((value) => written(value, 2));
    return table([
        [named("H", now), ...numbers(network().hidden[now - 1])],
        [named("M", now + 1), ...numbers(memoryAt(now))],
    ]);
}

function bars(whole, less) {
    const list = html("dl", [], "bars");
    for (const [key, bits] of [["5_with", whole], ["5_without", less]]) {
        const bar = html("i", []);
        bar.style.setProperty("--share", bits / Math.max(whole, less));
        list.append(html("dt", words[key]), html("dd", [bar, html("span", speak(words["5_bits"], { bits: written(bits, 2) }))]));
    }
    return list;
}

function curve() {
    const [width, height, left, low] = [420, 190, 44, 26];
    const bits = sent.ages.map((each) => mean(each.bits));
    const most = Math.max(...bits);
    const late = Math.log1p(sent.ages.at(-1).step);
    const x = (place) => left + ((width - left - 12) * Math.log1p(sent.ages[place].step)) / late;
    const y = (value) => 12 + (height - low - 20) * (1 - value / most);
    const svg = made("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "curve" });
    const last = sent.ages.length - 1;
    svg.setAttribute("aria-label", speak(words["6_curve"],
        { first: written(bits[0], 2), last: written(bits[last], 2), step: written(sent.ages[last].step, 0) }));
    const line = (upto) => bits.slice(0, upto + 1).map((value, place) => `${x(place).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    svg.append(
        made("line", { x1: left, y1: y(0), x2: width - 12, y2: y(0), class: "axis" }),
        made("polyline", { points: line(last), class: "all" }), made("polyline", { points: line(age), class: "so-far" }),
        made("circle", { cx: x(age), cy: y(bits[age]), r: 7 }),
        made("text", { x: left - 8, y: y(most) + 6, "text-anchor": "end" }, written(most, 1)),
        made("text", { x: left - 8, y: y(0) + 6, "text-anchor": "end" }, "0"),
        made("text", { x: left, y: height - 4 }, speak(words["6_step"], { step: 0 })),
        made("text", { x: width - 12, y: height - 4, "text-anchor": "end" }, speak(words["6_step"], { step: written(sent.ages[last].step, 0) })),
    );
    return svg;
}

const memoryAt = (instant) => (instant === 0 || (step === 5 && cut) ? network().b.map(() => 0) : network().hidden[instant - 1]);

function draw() {
    const facts = told(now);
    root().querySelectorAll(".word button").forEach((tile, place) => {
        const { best: guess, chance, bits } = told(place);
        tile.setAttribute("aria-current", place === now);
        tile.setAttribute("aria-label", speak(words.tile, told(place)));
        tile.querySelector(".guess").textContent = guess;
        tile.querySelector(".chance").textContent = chance;
        tile.classList.toggle("wrong", best(place) !== sent.next[place]);
        tile.title = `${bits} bits`;
    });
    const values = {
        X: sent.alphabet.map((_, place) => Number(place === sent.read[now])),
        M: memoryAt(now), H: reading().hidden[now], S: reading().output[now],
    };
    paint(values, network(), now + 1, step === 2 ? one : undefined);
    const list = (numbers) => numbers.map((value) => written(value, 2)).join(" ");
    root().querySelector(".net").setAttribute("aria-label", speak(words.drawn, { ...facts, memory: list(values.M), hidden: list(values.H) }));
    const [said, more] = seen[step]();
    root().querySelector(".seen .line span").textContent = said;
    root().querySelector(".shown").replaceChildren(...(more ? [more] : []));
    root().classList.toggle("is-cut", step === 5 && cut);
    root().querySelectorAll("[data-do^=neuron-], [data-do^=instant-]").forEach((button) => {
        const [kind, place] = button.dataset.do.split("-");
        button.setAttribute("aria-pressed", Number(place) === (kind === "neuron" ? one : now));
    });
    const knife = root().querySelector("[data-do=cut]");
    knife.textContent = words[cut ? "5_join" : "5_button"];
    knife.setAttribute("aria-pressed", cut);
    root().querySelector("input[type=range]").value = age;
    root().querySelector("input[type=range]").setAttribute("aria-valuetext", speak(words["6_step"], { step: network().step }));
    root().querySelector("[data-do=forth]").textContent = now === sent.read.length - 1 ? words["3_again"] : words["3_button"];
}

function go(to, focused) {
    to = Math.max(1, Math.min(steps(), to));
    stop();
    if (to !== step) {
        step = to;
        cut = false;
        age = step === 6 ? 0 : sent.ages.length - 1;
        const [first] = sent.pair;
        now = { 2: Math.min(2, sent.read.length - 1), 4: first ?? 1, 6: sent.read.length - 1 }[step] ?? (step === 5 ? now : 0);
    }
    root().dataset.step = step;
    root().querySelectorAll("[data-of]").forEach((part) => (part.hidden = Number(part.dataset.of) !== step));
    root().querySelectorAll(".way button").forEach((dot) => {
        const here = Number(dot.dataset.step) === step;
        if (here) dot.setAttribute("aria-current", "step");
        else dot.removeAttribute("aria-current");
        if (here && focused) dot.focus();
    });
    const [before, after] = ["before", "after"].map((end) => root().querySelector(`[data-do=${end}]`));
    if (document.activeElement === after && step === steps()) before.focus();
    before.disabled = step === 1;
    after.disabled = step === steps();
    root().querySelector(".here").href = window.charrnnAddress(`?${new URLSearchParams({ tab: "aula", step, word: sent.word })}`);
    draw();
}

function turn(by) {
    go(step + by);
    root().querySelector(".way").scrollIntoView({ block: "nearest" }); // on a phone, the buttons are far below
}

function stop() {
    clearInterval(timer);
    timer = null;
    showPlay();
}

function showPlay() {
    const button = root().querySelector("[data-do=play]");
    button.textContent = timer ? "❚❚" : "▶";
    button.title = words[timer ? "6_pause" : "6_play"];
    button.setAttribute("aria-label", button.title);
}

function play() {
    if (timer) return stop();
    if (age === sent.ages.length - 1) age = 0;
    timer = setInterval(() => {
        if (!element.isConnected || age === sent.ages.length - 1) return stop();
        age += 1;
        draw();
    }, 450);
    showPlay();
    draw();
}

const acts = {
    before: () => turn(-1), after: () => turn(1), play,
    forth: () => (now = (now + 1) % sent.read.length), cut: () => (cut = !cut),
    read: () => {
        trigger("select", { read: sent.word });
        reveal(document.querySelector("#lesson-real"));
    },
};

// The reading is below the steps, on a phone out of sight.
function reveal(real) {
    const show = () => real.scrollIntoView({ block: "nearest" });
    if (real.querySelector(".reading")) return show();
    new MutationObserver((_, observer) => {
        if (!real.querySelector(".reading")) return;
        observer.disconnect();
        show();
    }).observe(real, { childList: true, subtree: true });
}

// The address of this step, for the class; without scripts' help it would open here.
function copyLink(link) {
    if (!window.charrnnCopy(link.href)) return window.prompt("", link.href);
    const shown = link.textContent;
    link.textContent = words.copied;
    document.dispatchEvent(new CustomEvent("charrnn-say", { detail: words.copied }));
    setTimeout(() => (link.textContent = shown), 2000);
}

element.addEventListener("click", (event) => {
    const target = event.target.closest("button, circle, .here");
    if (!target || !sent) return;
    if (target.matches(".here")) {
        event.preventDefault();
        if (target.textContent !== words.copied) copyLink(target);
        return;
    }
    const { do: act, step: to, instant, neuron } = target.dataset;
    const [kind, place] = act?.split("-") ?? [];
    if (to) go(Number(to));
    else if (instant) now = Number(instant);
    else if (neuron && step === 2 && target.closest(".of-H")) one = Number(neuron);
    else if (kind === "neuron") one = Number(place);
    else if (kind === "instant") now = Number(place);
    else acts[act]?.();
    draw();
});
element.addEventListener("input", (event) => {
    if (!event.target.matches("input[type=range]")) return;
    stop();
    age = Number(event.target.value);
    draw();
});
element.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1, Home: -1e6, End: 1e6 }[event.key];
    if (!by || !sent || !event.target.matches("button, a")) return;
    event.preventDefault();
    if (event.target.closest(".word")) {
        now = Math.max(0, Math.min(sent.read.length - 1, now + by));
        draw();
        root().querySelectorAll(".word button")[now].focus();
    } else go(step + by, event.target.closest(".way"));
});

function layOut() {
    if (!sent) return;
    paint = drawing(root().querySelector(".net"), sent.alphabet, sent.cut.hidden[0].length, words.waits);
    draw();
}

function receive() {
    if (!root()) return;
    sent = JSON.parse(root().dataset.sent);
    words = JSON.parse(root().dataset.words);
    root().querySelector(".word").replaceChildren(...sent.read.map((place, instant) => {
        const tile = html("button", [html("b", sent.alphabet[place]), html("span", "", "guess"), html("span", "", "chance")]);
        tile.type = "button";
        tile.dataset.instant = instant;
        return tile;
    }));
    const shown = step > 0;
    const asked = step || Number(new URLSearchParams(window.charrnnAsked ?? location.search).get("step")) || 1;
    step = 0;
    paint = () => {};
    go(asked);
    layOut();
    if (shown) turn(0); // another word was asked for, below
}

watch("value", receive);
receive();
let width = 0;
new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    layOut();
}).observe(element);
// Until somebody comes to look, no word is learned.
new IntersectionObserver((seen, observer) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    observer.disconnect();
    if (!root()) trigger("select", {});
}).observe(element);
