(...values) => {
    // What stands in the controls, for a reload or the other language; not before what stood there was taken up.
    if (window.charrnnRecalled) sessionStorage.setItem("charrnn.controls", JSON.stringify(values));
}
