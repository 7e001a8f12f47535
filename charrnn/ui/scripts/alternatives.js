element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (button) trigger("click", { choose: button.dataset.choose });
});
// The letter, its surprise and the three likeliest, for who cannot see the table.
watch("value", () => {
    const text = (part) => part?.textContent.trim() ?? "";
    const rows = [...element.querySelectorAll("tbody tr:not(.others)")].slice(0, 3);
    if (!rows.length) return;
    const likely = rows.map((row) => `${text(row.querySelector("th"))} ${text(row.querySelector("td"))}`).join(", ");
    const said = `${text(element.querySelector(".where b"))}. ${text(element.querySelector(".hint"))} ${likely}`;
    document.dispatchEvent(new CustomEvent("charrnn-say", { detail: said }));
});
