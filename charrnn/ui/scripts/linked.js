// A character that is looked at in one view is marked in all of them. Views need not know of each other.
const POINTED = "charrnn-pointed";
const point = (place) => document.dispatchEvent(new CustomEvent(POINTED, { detail: place }));

function marked(place) {
    element.querySelectorAll(".here").forEach((one) => one.classList.remove("here"));
    element.querySelectorAll(`[data-at="${place}"]`).forEach((one) => one.classList.add("here"));
    element.querySelectorAll("[data-characters]").forEach((map) => {
        const line = map.querySelector(".line");
        line.hidden = place < 0;
        line.style.left = `${(100 * (place + 0.5)) / Number(map.dataset.characters)}%`;
    });
}

function placeOf(event) {
    const letter = event.target.closest?.("[data-at]");
    if (letter) return Number(letter.dataset.at);
    const map = event.target.closest?.("[data-characters]");
    if (!map) return null;
    const box = map.getBoundingClientRect();
    const many = Number(map.dataset.characters);
    return Math.max(0, Math.min(many - 1, Math.floor((many * (event.clientX - box.left)) / box.width)));
}

function pointing(event) {
    const place = placeOf(event);
    if (place !== null && element.offsetParent) point(place);
}
for (const kind of ["pointerover", "pointermove", "click", "focusin"]) element.addEventListener(kind, pointing);
document.addEventListener(POINTED, (event) => marked(event.detail));
