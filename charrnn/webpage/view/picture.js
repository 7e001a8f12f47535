// The network at one instant: X, M, H and S.

const CHOICES = 8;  // bars of S
const FLATNESS = 1.62;  // width of a picture of neurons, in heights

const picture = {
    seen: null,  // what the writer saw at the instant, see Writer.look
    layer: 0,

    show(seen) {
        this.seen = seen;
        find("letter").textContent = symbol(seen.letter);
        this.layer = Math.min(this.layer, seen.hidden.length - 1);
        this.paint();
        this.list();
        this.tell();
    },

    paint() {
        if (!this.seen) return;
        for (const name of ["memory", "hidden"]) paintUnits(find(name), this.seen[name][this.layer]);
    },

    list() {
        if (!this.seen) return;
        const { choices, came } = this.seen, shown = choices.slice(0, CHOICES);
        const of = (character) => choices.find((choice) => choice[0] === character);
        const chosen = came === null ? null : of(came) || of("");  // one that must be spelled is among the rare
        if (chosen && !shown.includes(chosen)) shown[CHOICES - 1] = chosen;
        find("choices").replaceChildren(...shown.map((choice) => choiceItem(choice, choice === chosen)));
        const rest = 1 - shown.reduce((sum, [, before]) => sum + before, 0);
        find("rest").textContent = say("rest", { share: percent(Math.max(0, rest)) });
    },

    // What a screen reader is told.
    tell() {
        const { instant, letter, choices, came } = this.seen;
        const facts = { instant, letter: spoken(letter), expected: spoken(choices[0][0]), chance: percent(choices[0][1]) };
        const bits = letters.bits[instant];
        const more = came === null ? "" : ` ${say("said_came", { came: spoken(came), bits: number(bits, 1) })}`;
        find("said").textContent = say("said", facts) + more;
        find("text").setAttribute("aria-valuetext", find("said").textContent);
    },
};

// A button for a character, with its probability before and after the settings.
function choiceItem([character, before, after], came) {
    const item = element("li"), button = element("button", symbol(character)), bars = element("span", "", "bars");
    if (came) item.className = "came";
    button.type = "button";
    button.dataset.character = character;
    button.disabled = character === "";
    button.setAttribute("aria-label", `${say("choose", { letter: spoken(character) })} (${percent(before)})`);
    for (const [kind, share] of [["before", before], ["after", after]]) {
        const bar = element("i", "", kind);
        bar.style.width = `${100 * share}%`;
        bars.append(bar);
    }
    item.append(button, bars, element("span", percent(before), "share"));
    return item;
}

function columnsOf(count) {
    return Math.min(count, Math.ceil(Math.sqrt(count * FLATNESS)));
}

// A square for each neuron: blue where it is positive, orange where it is negative, paper at zero.
function paintUnits(canvas, values) {
    const columns = columnsOf(values.length), rows = Math.ceil(values.length / columns);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim().split(" ").map(Number);
    const [paper, plus, minus] = ["--paper-rgb", "--plus-rgb", "--minus-rgb"].map(colour);
    canvas.width = columns;
    canvas.height = rows;
    const image = new ImageData(columns, rows);
    values.forEach((value, unit) => {
        const full = value > 0 ? plus : minus, share = Math.min(1, Math.abs(value));
        const mixed = paper.map((part, n) => part + (full[n] - part) * share);
        image.data.set([...mixed, 255], 4 * unit);
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
}

// Say the number of the neuron that is pointed at.
function pointAt(event) {
    const canvas = event.currentTarget, values = picture.seen?.[canvas.id][picture.layer];
    if (!values) return;
    const box = canvas.getBoundingClientRect(), columns = canvas.width;
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const unit = Math.floor(((event.clientY - box.top) / box.height) * canvas.height) * columns + column;
    if (values[unit] !== undefined) {
        find("unit").textContent = say("unit", { unit: number(unit), value: number(values[unit], 3) });
    }
}
