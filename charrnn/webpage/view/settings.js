// The controls: what they hold, checked, and the facts of the model.

const LARGEST_SEED = 2n ** 63n - 1n;
const WORKS = 6;  // texts of the training that are named

function setControls() {
    const { length, temperature, top_p: topP } = DATA.settings;
    find("prompt").value = DATA.prompt;
    find("length").value = length;
    find("temperature").value = temperature;
    find("top-p").value = topP;
    for (const name of ["temperature", "top-p"]) find(name).addEventListener("input", showSliders);
}

function showSliders() {
    for (const name of ["temperature", "top-p"]) find(`${name}-now`).textContent = number(Number(find(name).value), 2);
}

// Return the settings of the next text, with a seed. Throws an Error whose message says what is wrong.
function settings() {
    const box = find("length"), length = Number(box.value);
    if (!Number.isInteger(length) || length < 1 || length > Number(box.max)) {
        throw new Error(say("wrong_length", { most: number(Number(box.max)) }));
    }
    const given = find("seed").value.trim();
    if (given && !(/^\d+$/.test(given) && BigInt(given) <= LARGEST_SEED)) {
        throw new Error(say("wrong_seed", { most: LARGEST_SEED }));
    }
    return { ...shaping(), length, stops: stops(), seed: given || String(randomSeed()) };
}

// Those that shape the probabilities.
function shaping() {
    return { temperature: Number(find("temperature").value), topP: Number(find("top-p").value) };
}

function stops() {
    const escapes = { "\\n": "\n", "\\t": "\t", "\\\\": "\\" };
    const lines = find("stops").value.split("\n").filter((line) => line !== "");
    return lines.map((line) => line.replace(/\\[nt\\]/g, (escape) => escapes[escape]));
}

function randomSeed() {
    return crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
}

function showFacts() {
    const { facts, model } = DATA, { shape } = model;
    const size = { cell: facts.cell, layers: number(shape.layers), units: number(shape.hidden * shape.members) };
    const rows = [[say("fact_network"), say("network", size)]];
    if (shape.members > 1) rows.push([say("fact_members"), number(shape.members)]);
    if (facts.bits !== null) rows.push([say("fact_score"), say("score", { bits: number(facts.bits, 3) })]);
    if (facts.works.length > 0) {
        const named = facts.works.slice(0, WORKS).join(", "), more = facts.works.length - WORKS;
        const works = more > 0 ? `${named} ${say("more_works", { count: number(more) })}` : named;
        const trained = facts.characters === null ? works : say("trained", { characters: number(facts.characters), works });
        rows.push([say("fact_trained"), trained]);
    }
    rows.push([say("fact_vocabulary"), number(shape.vocabulary - 256)]);
    rows.push([say("fact_license"), facts.license || say("license_none")]);
    find("facts").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
    find("name").textContent = facts.name;
}
