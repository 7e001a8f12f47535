() => {
    // On a phone the rules are taller than the screen; the text is below them.
    document.querySelector("#do-generate").click();
    document.querySelector("#text").scrollIntoView({ block: "center" });
}
