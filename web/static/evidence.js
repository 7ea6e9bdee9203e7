// An act and its evidence light up together: pointing at or focusing one emphasises the other.
"use strict";
(function () {
  function numbers(element) {
    return element ? element.dataset.acts.split(" ") : [];
  }

  function light(wanted) {
    for (const element of document.querySelectorAll("[data-acts]")) {
      element.classList.toggle("lit", numbers(element).some((number) => wanted.includes(number)));
    }
  }

  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, function (event) {
      light(numbers(event.target.closest("[data-acts]")));
    });
  }

  // A link to evidence in a folded part opens that part first.
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target || !target.matches("mark")) return;
    event.preventDefault();
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  });
})();
