(query) => {
    if (!query) return;
    const address = location.origin + location.pathname + query;
    if (navigator.clipboard) navigator.clipboard.writeText(address);
    else prompt("", address);
}
