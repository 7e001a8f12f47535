// A letter of the text is looked at: with the mouse, or with the arrow keys while the text has the focus.
// Letters are not elements of their own, of which there would be thousands; their places are found by measuring.
const shown = () => element.querySelector("article:not([aria-busy=true])");
const letters = () => Array.from(shown()?.textContent ?? "");
let place = null;
let asking = 0;

function look(index) {
    place = Math.max(0, Math.min(index, letters().length));
    mark();
    clearTimeout(asking); // of keys that repeat, the last one counts
    asking = setTimeout(() => trigger("select", { place }), 60);
}

function mark() {
    if (!window.Highlight) return;
    const range = place === null ? null : rangeOf(place);
    if (range) CSS.highlights.set("looked-at", new Highlight(range));
    else CSS.highlights.delete("looked-at");
}

function reveal() {
    // The letter that keys have led to, if the text is scrolled away from it.
    const frame = element.closest("#text");
    const scrolled = [frame, ...frame.querySelectorAll("*")].find((one) => one.scrollHeight > one.clientHeight + 4
        && getComputedStyle(one).overflowY === "auto");
    const letter = rangeOf(place)?.getBoundingClientRect();
    if (!scrolled || !letter) return;
    const window = scrolled.getBoundingClientRect();
    if (letter.top < window.top || letter.bottom > window.bottom) {
        scrolled.scrollTop += letter.top - window.top - window.height / 2;
    }
}

function rangeOf(index) {
    let units = letters().slice(0, index).join("").length;
    const length = (letters()[index] ?? "").length;
    const walker = document.createTreeWalker(shown(), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (units < node.length) {
            const range = new Range();
            range.setStart(node, units);
            range.setEnd(node, Math.min(units + length, node.length));
            return range;
        }
        units -= node.length;
    }
    return null;
}

function placeAt(x, y) {
    const caret = document.caretPositionFromPoint
        ? document.caretPositionFromPoint(x, y)
        : document.caretRangeFromPoint?.(x, y);
    const node = caret?.offsetNode ?? caret?.startContainer;
    if (!node || !shown()?.contains(node)) return null;
    const before = new Range();
    before.selectNodeContents(shown());
    before.setEnd(node, caret.offset ?? caret.startOffset);
    const index = Array.from(before.toString()).length;
    // The caret is put at the nearer side of a letter: it may be the one before it that was meant.
    const meant = [index - 1, index].find((one) => {
        const range = one < 0 ? null : rangeOf(one);
        return range && Array.from(range.getClientRects()).some(
            (box) => box.left <= x && x < box.right && box.top <= y && y < box.bottom);
    });
    return meant ?? index;
}

element.addEventListener("click", (event) => {
    if (!shown() || !getSelection().isCollapsed) return;
    const found = placeAt(event.clientX, event.clientY);
    if (found !== null) look(found);
});

element.addEventListener("keydown", (event) => {
    if (!shown() || event.ctrlKey || event.metaKey || event.altKey) return;
    const end = letters().length;
    const now = place ?? end;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: end }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    look(next);
    reveal();
});

// What cannot be done now cannot be pressed. Who presses by keys is led on: to Stop, and back when it is done.
const WRITTEN = ["add", "continue", "again", "undo", "forget", "clear", "copy", "download", "keep", "speak"];
let pressed = null;

function allow() {
    const busy = Boolean(element.querySelector("[aria-busy=true]"));
    const blank = Boolean(element.querySelector(".blank"));
    const button = (name) => document.getElementById(`do-${name}`);
    const held = document.activeElement;
    const off = { generate: busy, stop: !busy };
    for (const name of WRITTEN) off[name] = blank || (busy && !["clear", "copy", "download", "keep", "speak"].includes(name));
    for (const [name, value] of Object.entries(off)) if (button(name)) button(name).disabled = value;
    if (!held?.disabled) return;
    if (busy) pressed = held;
    const next = busy ? button("stop") : pressed?.disabled === false ? pressed : button("generate");
    next.focus({ preventScroll: true });
}

watch("value", () => {
    allow();
    clearTimeout(asking);
    place = null;
    mark();
});
allow();
