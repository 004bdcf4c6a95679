// Shows where a printed number comes from. Every number of the text is a span.claim; its record stands in #claims-data.
(function () {
  "use strict";
  var data = document.getElementById("claims-data");
  if (!data) return;
  var records = JSON.parse(data.textContent);
  var panel = document.createElement("aside");
  panel.id = "claim-panel";
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-labelledby", "claim-title");
  panel.setAttribute("tabindex", "-1");
  document.body.appendChild(panel);
  var opener = null;

  function add(parent, name, text, className) {
    var el = document.createElement(name);
    if (text) el.textContent = text;
    if (className) el.className = className;
    parent.appendChild(el);
    return el;
  }

  function row(list, name, text) {
    if (!text) return;
    add(list, "dt", name);
    add(list, "dd", text);
  }

  function show(span) {
    var key = span.getAttribute("data-claim"), record = records[key] || {};
    panel.textContent = "";
    var close = add(panel, "button", "Close", "claim-close");
    close.type = "button";
    close.addEventListener("click", hide);
    add(panel, "p", record.t || span.textContent, "claim-value").id = "claim-title";
    add(panel, "p", record.d || "");
    var list = add(panel, "dl");
    row(list, "Unit", record.u);
    row(list, "Printed as", record.f);
    row(list, "Studies", record.s || "none");
    row(list, "Rows of the tables", record.r || "none");
    row(list, "Source", record.o);
    row(list, "Made by", record.m);
    row(list, "Key", key);
    row(list, "How to trace it", "livingreview trace " + key);
    if (opener) opener.removeAttribute("aria-expanded");
    opener = span;
    span.setAttribute("aria-expanded", "true");
    panel.hidden = false;
    panel.focus({ preventScroll: true });
  }

  function hide() {
    if (panel.hidden) return;
    panel.hidden = true;
    if (opener) {
      opener.removeAttribute("aria-expanded");
      opener.focus({ preventScroll: true });
      opener = null;
    }
  }

  function claimOf(event) {
    return event.target.closest ? event.target.closest(".claim") : null;
  }

  document.addEventListener("click", function (event) {
    var span = claimOf(event);
    if (span && window.getSelection && String(window.getSelection())) return; // text is being selected
    if (span) show(span);
    else if (!panel.contains(event.target)) hide();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") return hide();
    var span = claimOf(event);
    if (span && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      show(span);
    }
  });
})();
