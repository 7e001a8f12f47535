() => {
    const text = document.querySelector("#text article");
    if (!text) return "";
    getSelection().selectAllChildren(text); // shows what is copied
    // Browsers offer the clipboard to https and to this machine only; the older way works everywhere.
    if (navigator.clipboard) navigator.clipboard.writeText(text.textContent);
    else if (!document.execCommand("copy")) return "";
    return "text";
}
