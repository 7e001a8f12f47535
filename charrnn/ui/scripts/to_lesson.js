// The drawing opens the tab Lesson without a new page, which would lose what stands on this one.
element.addEventListener("click", (event) => {
    const tab = document.getElementById("lesson-tab-button");
    if (!event.target.closest(".to-lesson") || event.ctrlKey || event.metaKey || !tab) return;
    event.preventDefault();
    tab.click();
    scrollTo(0, 0);
});
