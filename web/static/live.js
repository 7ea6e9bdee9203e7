// Keeps the queue fresh and the page in step with it: asks every second, every ten while nobody looks.
"use strict";
(function () {
  const VISIBLE = 1000, HIDDEN = 10000, SETTLE = 500;
  let timer = 0;

  function ask() {
    const live = document.getElementById("live");
    if (live) htmx.trigger(live, "poll");
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(ask, document.hidden ? HIDDEN : VISIBLE);
  }

  function opened() {
    const state = document.getElementById("mail-state");
    return state ? state.value : "";
  }

  // The row of the opened mail is the current one, also when the mail changed without the list.
  function markRow() {
    const current = opened();
    for (const row of document.querySelectorAll("a.row")) {
      if (row.dataset.mail === current) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) ask();
  });

  // The second press of a double click or of a held key would decide the mail that has just come into its place.
  let cameAt = 0;
  document.addEventListener("htmx:beforeRequest", function (event) {
    const decides = event.detail.requestConfig.verb === "post" && /\/(approve|dismiss)$/.test(event.detail.requestConfig.path.split("?")[0]);
    if (decides && Date.now() - cameAt < SETTLE) event.preventDefault();
  });

  // A refresh of the same mail in the background must not take the reply that is being typed.
  document.addEventListener("htmx:beforeRequest", function (event) {
    const asked = event.detail.elt;
    const reply = document.getElementById("reply-body");
    const typed = reply && reply.value !== reply.defaultValue;
    if (asked.matches("[hx-trigger^='queue-changed']") && typed) event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "mail") return;
    markRow();
    if (event.detail.requestConfig && event.detail.requestConfig.verb === "post") cameAt = Date.now();
    const background = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent &&
      event.detail.requestConfig.triggeringEvent.type === "queue-changed";
    if (background) return;
    document.getElementById("notices").replaceChildren();
    event.detail.target.scrollTop = 0;
    for (const column of event.detail.target.children) column.scrollTop = 0;
    const title = document.getElementById("mail-title");
    if (title) title.focus({ preventScroll: true });
    if (window.matchMedia("(max-width: 999px)").matches) window.scrollTo(0, 0);
  });

  // After a decision the list is asked at once, not at the next tick.
  document.addEventListener("htmx:afterRequest", function (event) {
    const config = event.detail.requestConfig;
    if (config && config.verb === "post" && !config.path.endsWith("/check")) ask();
  });

  // Once the session has ended there is no use in asking, until somebody comes back from signing in elsewhere.
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status === 401) clearTimeout(timer);
  });

  document.addEventListener("htmx:sendError", function () {
    document.body.classList.add("offline");
  });
  document.addEventListener("htmx:afterOnLoad", function () {
    document.body.classList.remove("offline");
  });

  document.addEventListener("click", function (event) {
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest(".toast").remove();
  });

  // A typed reply is not lost by closing the window unawares.
  window.addEventListener("beforeunload", function (event) {
    const reply = document.getElementById("reply-body");
    if (reply && reply.value !== reply.defaultValue && !document.body.dataset.leaving) event.preventDefault();
  });
  document.addEventListener("submit", function () {
    document.body.dataset.leaving = "1";
    setTimeout(function () { delete document.body.dataset.leaving; }, 3000);
  });

  schedule();
})();
