() => {
    // Ctrl+Enter generates, wherever the cursor is.
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        document.querySelector("#do-generate")?.click();
    });
    // What was typed survives a reload.
    addEventListener("pagehide", () => {
        const prompt = document.querySelector("#prompt textarea");
        if (prompt) sessionStorage.setItem("charrnn.prompt", prompt.value);
    });
}
