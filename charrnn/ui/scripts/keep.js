(file) => {
    // A Session's file, as base64; "" where there is none.
    if (!file) return;
    const bytes = Uint8Array.from(atob(file), (one) => one.charCodeAt(0));
    const href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    Object.assign(document.createElement("a"), { href, download: "charrnn.safetensors" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
}
