// Small manners of pages: filters that apply themselves, the evidence drawer, forms that lose nothing, the clock.
"use strict";
(() => {
  const { toast, say } = window.fanzha;
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-filters]") && event.target.matches("select, [data-day]")) event.target.form.requestSubmit();
  });
  // An empty field says nothing; an address without it can be read and kept.
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-filters]")) return;
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });
  const drawer = document.getElementById("drawer");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-drawer]");
    if (!link || event.ctrlKey || event.metaKey) return;
    document.getElementById("drawer-body").innerHTML = '<div class="skeleton"></div>';
    drawer.showModal();
  });
  drawer?.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
  document.addEventListener("htmx:after:swap", () => {
    const words = document.querySelector("#table .table-count");
    if (words) words.classList.add("glow");
  });
  // What was typed survives a reload or a lost connection, in this tab only, and is forgotten once sent.
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = `keep:${form.dataset.keep}`;
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const field of form.elements) if (kept[field.name] && !field.value && field.type !== "hidden") field.value = kept[field.name];
    form.addEventListener("input", () => {
      const typed = Object.fromEntries([...form.elements].filter((each) => each.name && each.type !== "hidden").map((each) => [each.name, each.value]));
      sessionStorage.setItem(key, JSON.stringify(typed));
    });
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
  // The payment chosen as the wrong one fills what nobody typed yet; why it is wrong is then asked for.
  const wrong = document.querySelector("[data-carries]");
  wrong?.addEventListener("change", () => {
    const field = wrong.form.elements;
    for (const [name, value] of Object.entries(JSON.parse(wrong.selectedOptions[0].dataset.fill || "{}"))) if (!field[name].value) field[name].value = value;
    field.reason.required = Boolean(wrong.value);
  });
  // What an act will do says the sum that is typed, not all there is.
  const typed = document.querySelector("[data-amount-of]");
  const amount = document.querySelector("[data-amount]");
  if (typed && amount) {
    const whole = amount.textContent;
    const speak = () => { amount.textContent = typed.value.trim() ? `¥${typed.value.trim()}` : whole; };
    typed.addEventListener("input", speak);
    speak();
  }
  // An amount without a side may be read the wrong way round: said before the columns are confirmed.
  const mapping = document.querySelector("[data-mapping]");
  const unsigned = () => {
    const chosen = new Set([...mapping.querySelectorAll("select")].map((each) => each.value));
    const told = ["direction", "balance"].some((each) => chosen.has(each)) || (chosen.has("debit") && chosen.has("credit"));
    document.getElementById("unsigned").hidden = told;
  };
  if (mapping) { unsigned(); mapping.addEventListener("change", unsigned); }
  // A ledger that is not in memory takes seconds to read: the tab shows that it is on its way.
  const record = document.querySelector(".record");
  const waiting = (on) => {
    if (!record?.querySelector(".skeleton.tall")) return;
    record.querySelector(".inside").hidden = on;
    record.querySelector(".skeleton.tall").hidden = !on;
    record.setAttribute("aria-busy", String(on));
  };
  document.querySelector(".tabs")?.addEventListener("click", (event) => {
    if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) setTimeout(() => waiting(true), 300);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) waiting(false); });
  const clock = document.getElementById("clock");
  if (clock) {
    setInterval(() => {
      clock.textContent = new Date(window.fanzha.now()).toLocaleTimeString("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
    }, 1000);
  }
})();
