// Goes through instants, one at a time, by buttons, a slider, arrow keys, or by itself. show(instant) draws one.
function player(show) {
    let now = 0;
    let timer = null;
    const root = () => element.querySelector(".player");
    const last = () => Number(root()?.dataset.instants ?? 1) - 1;

    function go(instant) {
        if (!root()) return;
        now = Math.max(0, Math.min(last(), instant));
        const slider = root().querySelector("input[type=range]");
        slider.max = last();
        slider.value = now;
        root().querySelector(".count").textContent = `${now + 1} / ${last() + 1}`;
        // While it plays, a screen reader would never be done.
        root().querySelector(".said").setAttribute("aria-live", timer ? "off" : "polite");
        show(now, root());
    }

    function stop() {
        clearInterval(timer);
        timer = null;
        const button = root()?.querySelector(".play");
        if (!button?.dataset.play) return;
        button.textContent = "▶";
        button.title = button.dataset.play;
        button.setAttribute("aria-label", button.title);
    }

    function start() {
        const button = root().querySelector(".play");
        button.dataset.play ??= button.title;
        button.textContent = "❚❚";
        button.title = button.dataset.pause;
        button.setAttribute("aria-label", button.title);
        if (now === last()) go(0);
        timer = setInterval(() => {
            if (now === last() || !element.isConnected) stop();
            else go(now + 1);
        }, Number(root().querySelector("select").value));
    }

    const steps = { first: () => go(0), back: () => go(now - 1), forth: () => go(now + 1) };
    element.addEventListener("click", (event) => {
        const action = event.target.closest("[data-go]")?.dataset.go;
        if (!action) return;
        const playing = timer !== null;
        stop();
        if (action !== "play") steps[action]();
        else if (!playing) start();
        else go(now);
    });
    element.addEventListener("input", (event) => {
        if (!event.target.matches("input[type=range]")) return;
        stop();
        go(Number(event.target.value));
    });
    element.addEventListener("change", (event) => {
        if (!event.target.matches("select") || !timer) return;
        stop();
        start();
    });
    return { go, stop, now: () => now, playing: () => timer !== null };
}
