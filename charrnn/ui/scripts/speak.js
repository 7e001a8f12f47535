() => {
    // Reads the text aloud, or stops doing so, in a voice of its language: Portuguese or English.
    const text = document.querySelector("#text article")?.textContent ?? "";
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    const count = (words) => (text.match(words) ?? []).length;
    const isEnglish = count(/\b(the|and|of|to|was|in)\b/gi) > count(/\b(de|que|do|da|um|uma|com)\b/gi);
    const read = new SpeechSynthesisUtterance(text);
    read.lang = isEnglish ? "en" : "pt-BR";
    speechSynthesis.speak(read);
}
