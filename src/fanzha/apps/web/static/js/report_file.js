// A file that is too large is told before it goes up; while its rows are taken the page says so, and takes no second press.
"use strict";
(() => {
  const { say } = window.fanzha;
  const form = document.querySelector("[data-report-file]");
  const field = form.elements.file;
  const trouble = document.getElementById("file-trouble");
  const most = Number(field.dataset.mostBytes);
  const button = form.querySelector("button");
  const sending = form.querySelector("[data-sending]");
  field.addEventListener("change", () => {
    const large = [...field.files].some((each) => each.size > most);
    trouble.hidden = !large;
    trouble.textContent = large ? say("report_file_large", { most: (most / 1e6).toFixed(0) }) : "";
    field.setCustomValidity(trouble.textContent);
    field.toggleAttribute("aria-invalid", large);
    if (large) field.setAttribute("aria-invalid", "true");
  });
  const busy = (is) => { button.disabled = is; sending.hidden = !is; };
  form.addEventListener("submit", () => setTimeout(() => busy(true)));
  addEventListener("pageshow", () => busy(false));
})();
