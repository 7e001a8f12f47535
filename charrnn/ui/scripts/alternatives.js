element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (button) trigger("click", { choose: button.dataset.choose });
});
