// The text on the page: an element for each character, shaded by what it cost; one of them is the place looked at.

const SHADES = [1, 2, 4, 7];  // bits up to which each shade goes; the last goes beyond

const letters = {
    characters: [],
    bits: [],
    spans: [],
    instant: 0,  // so many characters were read; the next is the one that is predicted

    // Replace what follows the first `from` characters.
    put(from, characters, bits) {
        const box = find("text");
        if (this.spans.length === 0) box.textContent = "";
        const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
        for (const span of this.spans.splice(from)) span.remove();
        this.characters.length = Math.min(this.characters.length, from);
        this.bits.length = Math.min(this.bits.length, from);
        const added = document.createDocumentFragment();
        characters.forEach((character, n) => {
            const shade = SHADES.filter((most) => bits[n] > most).length;
            const span = element("span", SYMBOLS[character] || character === symbol(character) ? character : "\ufffd");
            span.className = character === "\n" ? `s${shade} end` : `s${shade}`;
            span.dataset.at = from + n;
            this.characters.push(character);
            this.bits.push(bits[n]);
            this.spans.push(span);
            added.append(span);
        });
        box.append(added);
        if (this.spans.length === 0) this.blank();
        box.setAttribute("aria-valuemax", this.spans.length);
        if (atEnd) box.scrollTop = box.scrollHeight;
    },

    blank() {
        find("text").replaceChildren(element("em", say("blank")));
    },

    get text() {
        return this.characters.join("");
    },

    // Bits per character of the last `count`.
    cost(count) {
        const last = this.bits.slice(this.bits.length - count);
        return last.reduce((sum, bits) => sum + bits, 0) / Math.max(1, last.length);
    },

    // Mark the character that was read, and the one that it is about.
    mark(instant) {
        for (const [kind, place] of [["read", this.instant - 1], ["came", this.instant]]) {
            this.spans[place]?.classList.remove(kind);
        }
        this.instant = instant;
        this.spans[instant - 1]?.classList.add("read");
        this.spans[instant]?.classList.add("came");
        find("text").setAttribute("aria-valuenow", instant);
    },

    // Scroll within the text only, so that the page stays where it is.
    show(instant) {
        const box = find("text"), span = this.spans[Math.min(instant, this.spans.length - 1)];
        if (!span) return;
        const top = span.offsetTop - box.offsetTop;
        if (top < box.scrollTop + 20 || top > box.scrollTop + box.clientHeight - 40) {
            box.scrollTop = top - box.clientHeight / 2;
        }
    },
};

function drawLegend() {
    const steps = [0, ...SHADES];
    const items = steps.map((low, shade) => {
        const high = steps[shade + 1];
        const facts = { low: number(low), high: number(high ?? 0) };
        return element("span", say(high === undefined ? "bits_beyond" : "bits_between", facts), `s${shade}`);
    });
    find("shades").replaceChildren(...items);
}
