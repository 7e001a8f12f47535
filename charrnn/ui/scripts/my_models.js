// Opens the list of models that can be renamed, downloaded and shared.
() => {
    const folded = document.querySelector("#my-models .label-wrap");
    if (!folded.classList.contains("open")) folded.click();
    document.querySelector("#my-models").scrollIntoView({ block: "center" });
}
