"use strict";
// Words, numbers and characters in the language that is shown. All of it reaches the page as textContent.

const DATA = JSON.parse(document.getElementById("data").textContent);
const SYMBOLS = { " ": "␣", "\n": "↵", "\t": "⇥", "\u00a0": "⍽" };
let language = (navigator.language || "pt").toLowerCase().startsWith("pt") ? "pt" : "en";

const find = (id) => document.getElementById(id);

function say(key, facts = {}) {
    const text = DATA.texts[key][language === "pt" ? 0 : 1];
    return text.replace(/\{(\w+)\}/g, (_, name) => String(facts[name]));
}

function number(value, decimals = 0) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return value.toLocaleString(language === "pt" ? "pt-BR" : "en-US", digits).replace("-", "−");
}

function percent(share) {
    if (share > 0 && share < 0.0005) return `<${number(0.1, 1)}%`;
    return `${number(100 * share, share < 0.0995 && share > 0 ? 1 : 0)}%`;
}

// A visible sign for a character.
function symbol(character) {
    if (character === "") return say("rare");
    if (SYMBOLS[character]) return SYMBOLS[character];
    const hidden = /[\p{C}\u2028\u2029]/u.test(character);
    return hidden ? `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}` : character;
}

// The character as it is spoken.
function spoken(character) {
    return { " ": say("space"), "\n": say("line_end"), "": say("rare") }[character] || symbol(character);
}

// Fill every element that has a text of its own.
function translate() {
    document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
    for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say);
    for (const one of document.querySelectorAll("[data-label]")) {
        one.setAttribute("aria-label", say(one.dataset.label));
        if (one.tagName === "BUTTON") one.title = say(one.dataset.label);
    }
    for (const one of document.querySelectorAll("[data-placeholder]")) one.placeholder = say(one.dataset.placeholder);
    find("language").lang = language === "pt" ? "en" : "pt-BR";
}

// What this browser remembers; some keep nothing for pages from files.
function remembered(name) {
    try {
        return localStorage.getItem(`charrnn-${name}`);
    } catch {
        return null;
    }
}

function remember(name, value) {
    try {
        localStorage.setItem(`charrnn-${name}`, value);
    } catch {
        // It is chosen again next time.
    }
}

function element(tag, text = "", kind = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
}
