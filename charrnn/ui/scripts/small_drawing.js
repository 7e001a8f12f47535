// The small network as a drawing in columns, as in the tab Memory and on paper: X above M, then H, then S.
const RADIUS = 22;
const GAP = 49; // from neuron to neuron
const DEEP = [118, 190]; // from layer to layer, at least and at most
const NS = "http://www.w3.org/2000/svg";

const written = (value, digits) => value.toLocaleString(document.documentElement.lang || "en",
    { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
const percent = (chance) => `${written(100 * chance, 0)}%`;

function made(tag, attributes, content = "") {
    const one = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
    one.textContent = content;
    return one;
}

// Lays the network out and returns a function that shows values in it. alphabet: of X and S; neurons: of H and of M.
function drawing(svg, alphabet, neurons, waits) {
    const letters = alphabet.length;
    const lower = 1 + letters + 1.5 + neurons; // places in the layer of X and M, with room for their names
    const deep = Math.max(DEEP[0], Math.min(DEEP[1], (svg.parentElement.clientWidth - 152) / 2));
    const [wide, long] = [2 * deep + 152, lower * GAP + 44];
    const at = (layer, place) => ({ x: 72 + layer * deep, y: 8 + place * GAP });
    const centred = (many) => 1 + (lower - 1.1 - many) / 2;
    const span = (layer, first, many) => Array.from({ length: many }, (_, place) => at(layer, first + place + 0.4));
    const firsts = { X: 1, M: 1 + letters + 1.5, H: centred(neurons), S: centred(letters) };
    const layers = { X: 0, M: 0, H: 1, S: 2 };
    const nodes = {}, texts = {}, flows = {}, names = {};
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${wide} ${long}`);
    svg.style.setProperty("--wide", `${wide / 16}rem`); // larger with the page's text
    const places = Object.fromEntries(Object.keys(layers).map((name) =>
        [name, span(layers[name], firsts[name], name === "X" || name === "S" ? letters : neurons)]));

    const lines = (kind, from, to) => {
        const group = made("g", { class: `flows of-${kind}` });
        flows[kind] = to.map((stop) => from.map((start) => {
            const length = Math.hypot(stop.x - start.x, stop.y - start.y);
            const [x, y] = [(RADIUS * (stop.x - start.x)) / length, (RADIUS * (stop.y - start.y)) / length];
            const line = made("line", { x1: start.x + x, y1: start.y + y, x2: stop.x - x, y2: stop.y - y });
            group.append(line);
            return line;
        }));
        svg.append(group);
    };
    lines("W", places.X, places.H);
    lines("U", places.M, places.H);
    lines("V", places.H, places.S);

    const [end, last] = [places.H.at(-1), places.M.at(-1)];
    const way = `M${end.x} ${end.y + RADIUS}V${last.y + RADIUS + 18}H${last.x}v-14`;
    const tip = `M${last.x - 6} ${last.y + RADIUS + 11}l6 -9l6 9z`;
    const loop = made("g", { class: "loop" });
    loop.append(made("path", { d: way, class: "way" }), made("path", { d: tip, class: "tip" }));
    const under = { x: (last.x + end.x) / 2, y: last.y + RADIUS + 36, "text-anchor": "middle" };
    loop.append(made("text", { ...under, class: "note" }, waits));
    svg.append(loop);

    for (const name of Object.keys(layers)) {
        const group = made("g", { class: `layer of-${name}` });
        const first = at(layers[name], firsts[name] - 0.34);
        names[name] = made("tspan", { dy: 5, class: "index" });
        const title = made("text", { x: first.x, y: first.y + 6, class: "name" }, name);
        title.append(names[name]);
        group.append(title);
        nodes[name] = [];
        texts[name] = places[name].map(({ x, y }, one) => {
            nodes[name].push(made("circle", { cx: x, cy: y, r: RADIUS, "data-neuron": one }));
            const value = made("text", { x, y: y + 5.5, class: "value" });
            group.append(made("circle", { cx: x, cy: y, r: RADIUS, class: "paper" }), nodes[name][one], value);
            if (name === "X" || name === "S") {
                const side = name === "X" ? -1 : 1;
                group.append(made("text", { x: x + side * (RADIUS + 14), y: y + 7, class: "sign" }, alphabet[one]));
            }
            return value;
        });
        svg.append(group);
    }

    function flow(kind, weights, values, one) {
        flows[kind].forEach((row, to) => row.forEach((line, from) => {
            const much = weights[to][from] * values[from];
            line.setAttribute("class", much === 0 ? "none" : much > 0 ? "plus" : "minus");
            line.style.strokeWidth = much === 0 ? "" : Math.min(6, 0.9 + Math.abs(much)).toFixed(1);
            line.classList.toggle("quiet", one !== undefined && to !== one);
        }));
    }

    // values: { X, M, H, S }, lists of numbers; weights: { W, U, V }; time: from 1; one: the neuron of H looked at.
    return (values, weights, time, one) => {
        for (const [name, list] of Object.entries(values)) {
            names[name].textContent = time;
            list.forEach((value, place) => {
                const shown = name === "S" ? percent(value) : written(value, name === "X" ? 0 : 2);
                texts[name][place].textContent = shown;
                nodes[name][place].setAttribute("class", value < 0 ? "minus" : "plus");
                nodes[name][place].style.fillOpacity = (0.55 * Math.min(1, Math.abs(value))).toFixed(2);
                nodes[name][place].classList.toggle("chosen", name === "H" && place === one);
            });
        }
        const best = values.S.indexOf(Math.max(...values.S));
        nodes.S.forEach((node, place) => node.classList.toggle("chosen", place === best));
        flow("W", weights.W, values.X, one);
        flow("U", weights.U, values.M, one);
        flow("V", weights.V, values.H);
    };
}
