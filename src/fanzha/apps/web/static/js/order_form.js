// The form of a new order: only the fields that its kind needs, what it will do in the words typed.
"use strict";
(() => {
  const form = document.querySelector("[data-order-form]");
  if (!form) return;
  const kind = form.elements.kind;
  const fit = () => {
    for (const part of form.querySelectorAll("[data-when]")) {
      const on = part.dataset.when.split(" ").includes(kind.value);
      part.hidden = !on;
      for (const field of part.matches("input, select") ? [part] : part.querySelectorAll("input, select, textarea")) field.disabled = !on;
    }
    // Who does not carry out such orders is not offered; one that is chosen stays, and is told to be wrong.
    for (const one of form.elements.institution.options) if ("does" in one.dataset) one.hidden = !one.selected && !one.dataset.does.split(" ").includes(kind.value);
  };
  const speak = () => {
    for (const place of form.querySelectorAll("[data-says]")) {
      const field = form.elements[place.dataset.says];
      const shown = field && !field.disabled ? (field.selectedOptions ? (field.value && field.selectedOptions[0].textContent) : field.value) : "";
      place.textContent = place.dataset.says === "limit" && shown ? `¥${shown}` : shown;
    }
  };
  // A choice survives a reload as typed words do.
  const kept = JSON.parse(sessionStorage.getItem(`keep:${form.dataset.keep}`) || "{}");
  for (const field of form.querySelectorAll("select")) {
    if (kept[field.name] && !field.querySelector("option[selected]:not([value=''])")?.dataset.told && [...field.options].some((each) => each.value === kept[field.name])) field.value = kept[field.name];
  }
  fit();
  speak();
  form.addEventListener("input", () => { fit(); speak(); });
  // Hands stay on the keys: the first thing that is not known yet is typed at once.
  const unknown = (field) => field.offsetParent && !field.disabled && !field.value && field.name !== "holder_class";
  if (!form.querySelector("[autofocus]")) [...form.querySelectorAll("input:not([type=file]), select, textarea")].find(unknown)?.focus();
})();
