// Stop texts: a text ends before one of them, so characters that may begin one are held back until that is known.

class Stops {
    // before: the characters drawn so far, which a stop text may have begun in
    constructor(texts, before) {
        this.stops = texts.map((text) => [...clean(text)]).filter((stop) => stop.length > 0);
        this.begun = this.endThatBegins(before);
    }

    // Return how many characters at the end of the text are a stop text, now that one more was drawn; 0: none ends here.
    take(character) {
        const text = [...this.begun, character];
        this.begun = this.endThatBegins(text);
        return Math.max(0, ...this.stops.map((stop) => (endsWith(text, stop, stop.length) ? stop.length : 0)));
    }

    // The characters that may yet turn out to begin a stop text.
    get held() {
        return this.begun.length;
    }

    endThatBegins(text) {
        let most = 0;
        for (const stop of this.stops) {
            for (let n = Math.min(text.length, stop.length - 1); n > most; n--) if (endsWith(text, stop, n)) most = n;
        }
        return text.slice(text.length - most);
    }
}

// Whether a text ends with the first `count` characters of a stop text.
function endsWith(text, stop, count) {
    if (count > text.length) return false;
    for (let n = 0; n < count; n++) if (text[text.length - count + n] !== stop[n]) return false;
    return true;
}
