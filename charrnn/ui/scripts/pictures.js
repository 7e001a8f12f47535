() => {
    // Each drawing, curve and map can be saved, as it looks now: SVG where it is one, and PNG.
    const words = WORDS[document.documentElement.lang.startsWith("pt") ? "pt" : "en"];
    const PICTURES = "#tabs :is(svg[role=img], canvas[role=img], .map > img)";
    const LOOKS = ["color", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
        "stroke-opacity", "opacity", "paint-order", "text-anchor", "font-family", "font-size", "font-style", "font-weight"];
    const paper = () => getComputedStyle(document.body).getPropertyValue("--paper").trim();

    function download(href, kind) {
        Object.assign(document.createElement("a"), { href, download: `charrnn.${kind}` }).click();
        setTimeout(() => URL.revokeObjectURL(href), 1000);
    }

    function alone(svg) {
        // The drawing without the page: with its size, its paper and the looks that style sheets give it.
        const copy = svg.cloneNode(true);
        const [from, to] = [svg, copy].map((one) => [one, ...one.querySelectorAll("*")]);
        from.forEach((part, place) => {
            const looks = getComputedStyle(part);
            to[place].setAttribute("style", LOOKS.map((name) => `${name}:${looks.getPropertyValue(name)}`).join(";"));
        });
        const { width, height } = svg.getBoundingClientRect();
        copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
        copy.setAttribute("width", width);
        copy.setAttribute("height", height);
        copy.style.background = paper();
        return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
    }

    async function drawn(picture) {
        if (!(picture instanceof SVGElement)) return picture;
        const image = new Image();
        image.src = URL.createObjectURL(alone(picture));
        await image.decode();
        URL.revokeObjectURL(image.src);
        return image;
    }

    async function png(picture) {
        const { width, height } = picture.getBoundingClientRect();
        const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
        const pen = canvas.getContext("2d");
        pen.fillStyle = paper();
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.imageSmoothingEnabled = picture instanceof SVGElement; // squares of a map stay squares
        pen.drawImage(await drawn(picture), 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => download(URL.createObjectURL(blob), "png"));
    }

    const save = { SVG: (picture) => download(URL.createObjectURL(alone(picture)), "svg"), PNG: png };

    function offer() {
        for (const picture of document.querySelectorAll(PICTURES)) {
            const frame = picture.closest(".map") ?? picture;
            if (frame.nextElementSibling?.className === "save-picture") continue;
            const row = Object.assign(document.createElement("span"), { className: "save-picture" });
            for (const kind of picture instanceof SVGElement ? ["SVG", "PNG"] : ["PNG"]) {
                const name = words.save.replace("$1", kind);
                const button = Object.assign(document.createElement("button"), { type: "button", textContent: kind, title: name });
                button.setAttribute("aria-label", name);
                button.addEventListener("click", (event) => {
                    event.stopPropagation();
                    save[kind](picture);
                });
                row.append(button);
            }
            frame.after(row);
        }
    }

    let waiting = null;
    const soon = () => (waiting ??= setTimeout(() => {
        waiting = null;
        offer();
    }, 300));
    new MutationObserver(soon).observe(document.querySelector("#tabs"), { childList: true, subtree: true });
    offer();
}
