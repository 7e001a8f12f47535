() => {
    const text = document.querySelector("#text article");
    if (!text) return;
    const file = new Blob([text.textContent], { type: "text/plain;charset=utf-8" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "charrnn.txt" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
