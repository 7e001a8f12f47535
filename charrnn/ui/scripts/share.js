(sent) => {
    // A web page and its file's name, as JSON; "" where there is none.
    if (!sent) return;
    const { name, html } = JSON.parse(sent);
    const href = URL.createObjectURL(new Blob([html], { type: "text/html;charset=utf-8" }));
    Object.assign(document.createElement("a"), { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
    return "";
}
