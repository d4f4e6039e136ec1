// What was read from a report's words goes into the form by one key each; where it was read lights up.
"use strict";
(() => {
  const form = document.querySelector("[data-report]");
  const read = document.getElementById("read");
  const field = (name) => form.elements[name];
  const slots = () => [...form.querySelectorAll("fieldset[data-slot]")].map((each) => each.dataset.slot);
  const same = (at, told) => told.payee && field(`payee${at}`).value === told.payee && field(`amount${at}`).value === told.amount && field(`at${at}`).value.slice(0, 16) === told.at.slice(0, 16);
  const empty = (at) => !field(`payee${at}`).value && !field(`amount${at}`).value;
  const put = (name, value) => {
    const to = field(name);
    if (!to || !value) return;
    to.value = value;
    to.classList.remove("glow");
    to.classList.add("glow");
    for (const kind of ["input", "change"]) to.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const take = (button) => {
    const told = JSON.parse(button.dataset.fill);
    let at = "";
    if ("slot" in button.dataset) {
      at = slots().find((each) => same(each, told)) ?? slots().find(empty);
      if (at === undefined) { window.fanzha.toast(window.fanzha.say("no_slot")); return; }
      const more = field(`payee${at}`).closest("details");
      if (more) more.open = true;
    }
    for (const [name, value] of Object.entries(told)) put(`${name}${at}`, value);
    button.setAttribute("aria-pressed", "true");
  };
  // When nothing is left to take, the keyboard stands at what only a person can tell.
  const goOn = (done = !read.querySelector("[data-fill]:not([aria-pressed=true])")) => {
    const lacks = done && [...form.elements].find((each) => each.required && !each.value);
    if (lacks) lacks.focus();
  };
  read.addEventListener("click", (event) => {
    const one = event.target.closest("[data-fill]");
    if (one) { take(one); goOn(); }
    if (event.target.closest("[data-take-all]")) window.fanzha.keys.a();
  });
  // Of each fact only the likeliest is taken with all others: every payment, the first type, the first name.
  window.fanzha.keys.a = () => {
    const seen = new Set();
    for (const button of read.querySelectorAll("[data-fill]")) {
      const what = "slot" in button.dataset ? button.dataset.mark : Object.keys(JSON.parse(button.dataset.fill)).join();
      if (!seen.has(what)) take(button);
      seen.add(what);
    }
    goOn(true);
  };
  const light = (event) => {
    const line = event.target.closest("[data-of]");
    for (const each of read.querySelectorAll("mark[data-at]")) each.classList.toggle("lit", Boolean(line) && each.dataset.at.split(" ").includes(line.dataset.of));
  };
  for (const kind of ["mouseover", "focusin"]) read.addEventListener(kind, light);
  // Words that were kept over a reload, or came back with an error, are read again.
  for (const each of form.querySelectorAll("details")) if ([...each.querySelectorAll("input")].some((one) => one.value)) each.open = true;
  addEventListener("load", () => { const words = field("words"); if (words.value) words.dispatchEvent(new Event("input", { bubbles: true })); });
})();
