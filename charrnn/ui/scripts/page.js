() => {
    // Ctrl+Enter generates, wherever the cursor is on its tab.
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        const button = document.querySelector("#do-generate");
        if (button?.offsetParent) button.click(); // not while another tab is shown
    });
    // What was typed survives a reload.
    addEventListener("pagehide", () => {
        const prompt = document.querySelector("#prompt textarea");
        if (prompt) sessionStorage.setItem("charrnn.prompt", prompt.value);
    });
}
