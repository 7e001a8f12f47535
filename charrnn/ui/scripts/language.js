async () => {
    // The server reads the cookie: it speaks the language, and serves the page in it. First let a writing end.
    const language = document.documentElement.lang.startsWith("pt") ? "en" : "pt";
    document.cookie = `charrnn_language=${language}; path=/; max-age=31536000; SameSite=Lax`;
    const busy = () => document.querySelector("#text [aria-busy=true]");
    if (busy()) document.querySelector("#do-stop").click();
    for (let waited = 0; busy() && waited < 3000; waited += 50) await new Promise((go) => setTimeout(go, 50));
    setTimeout(() => location.reload(), 100);
}
