(query, memo, typed, model) => {
    // What a link asks for counts once: a reload then shows what was made of it.
    const asked = (window.charrnnAsked = location.search); // which other tabs read, see asked.js
    if (asked) history.replaceState(null, "", location.pathname + location.hash);
    const kept = (name) => sessionStorage.getItem(`charrnn.${name}`);
    const current = kept("current") ?? "";
    sessionStorage.removeItem("charrnn.current"); // it is kept again once it stands on the page
    return [asked, current, kept("prompt"), model];
}
