// Keyboard: every decision without the mouse. Plain keys rest while a field has the focus.
"use strict";
(function () {
  let waitsForGoal = 0;

  function byId(id) {
    return document.getElementById(id);
  }

  function press(id) {
    const button = byId(id);
    if (button && !button.disabled) button.click();
  }

  function focus(id) {
    const field = byId(id);
    if (!field) return false;
    field.focus();
    field.scrollIntoView({ block: "nearest" });
    return true;
  }

  function move(step) {
    const rows = Array.from(document.querySelectorAll("a.row"));
    if (!rows.length) return;
    let at = rows.indexOf(document.activeElement);
    if (at < 0) at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function toggleRecord(key) {
    const box = document.querySelector("input[name=record][data-key='" + key + "']");
    if (!box) return;
    box.click();
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }

  function dismiss() {
    const sheet = byId("dismiss");
    if (!sheet) return;
    sheet.open = true;
    focus("reason");
  }

  function reload() {
    const state = byId("mail-state");
    if (!state) return window.location.reload();
    const row = document.querySelector("a.row[data-mail='" + state.value + "']");
    htmx.ajax("GET", row ? row.getAttribute("href") : "/mails/" + state.value, { target: "#mail" });
  }

  function help() {
    const sheet = byId("shortcuts");
    if (sheet && !sheet.open) sheet.showModal();
  }

  function isField(element) {
    return element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  }

  function leave(element) {
    const sheet = element.closest("details.dismiss, details.menu");
    if (sheet) {
      sheet.open = false;
      sheet.querySelector("summary").focus();
    } else {
      element.blur();
      const title = byId("mail-title");
      if (title && isField(element) && element.id !== "search") title.focus({ preventScroll: true });
    }
  }

  const PLAIN = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    e: () => focus("reply-body"),
    x: dismiss,
    z: () => press("undo"),
    r: reload,
    "/": () => focus("search"),
    "?": help,
    A: () => press("quiet"),
  };

  document.addEventListener("keydown", function (event) {
    const target = event.target;
    if (event.key === "Escape") return leave(target);
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      return event.repeat ? undefined : press("send");
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isField(target) || target.closest("dialog")) return;
    const arrow = event.key.startsWith("Arrow");
    if (arrow && !target.closest(".queue") && target !== document.body) return;
    if (waitsForGoal && Date.now() - waitsForGoal < 1500 && event.key === "q") {
      waitsForGoal = 0;
      window.location.assign("/queue");
      return;
    }
    waitsForGoal = event.key === "g" ? Date.now() : 0;
    const action = /^[1-9]$/.test(event.key) ? () => toggleRecord(event.key) : PLAIN[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.addEventListener("click", function (event) {
    const opener = event.target.closest("[data-opens=shortcuts]");
    if (!opener) return;
    event.preventDefault();
    help();
  });
})();
