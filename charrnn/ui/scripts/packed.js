(file) => {
    // A file that the server has made ready; null where it could not.
    if (!file) return;
    Object.assign(document.createElement("a"), { href: file.url, download: file.orig_name || "" }).click();
}
