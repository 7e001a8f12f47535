() => new Promise((resolve) => {
    // A file that the visitor chooses, as base64; "" for none. Nothing is uploaded but this text.
    const chooser = Object.assign(document.createElement("input"), { type: "file" });
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
    reader.onerror = () => resolve("");
    chooser.onchange = () => reader.readAsDataURL(chooser.files[0]);
    chooser.oncancel = () => resolve("");
    chooser.click();
})
