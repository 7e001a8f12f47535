// The instants of the small network are all on the page; one of them is shown.
const small = player((instant, root) => {
    root.querySelectorAll(".frame").forEach((frame, place) => {
        frame.hidden = place !== instant;
    });
    root.querySelector(".said").textContent = root.querySelectorAll(".frame")[instant].dataset.told;
});
// A fold stays open or closed from instant to instant. Such an event does not bubble.
element.addEventListener("toggle", ({ target }) => {
    if (target.matches(".by-hand")) element.querySelectorAll(".by-hand").forEach((fold) => (fold.open = target.open));
}, true);
watch("value", () => {
    small.stop();
    small.go(0);
});
small.go(0);
// Until somebody comes to look, it is not taught.
new IntersectionObserver((seen, observer) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    observer.disconnect();
    if (!element.querySelector(".player")) trigger("select", {});
}).observe(element);
