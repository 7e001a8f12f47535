() => {
    // What the page's link asks for. arrive.js takes it out of the address.
    return window.charrnnAsked ?? location.search;
}
