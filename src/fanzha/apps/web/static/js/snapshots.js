// What somebody shows goes up apart from its form and lies sealed; the form carries the SHA-256 of each file.
"use strict";
(() => {
  const { say, csrf } = window.fanzha;
  for (const form of document.querySelectorAll("form[data-snapshots]")) {
    const field = form.querySelector("[data-snapshot]");
    const held = form.elements.evidence;
    const list = form.querySelector("[data-snapshot-told]");
    const told = (text, good) => {
      const line = document.createElement("li");
      line.className = good ? "mono" : "bad-words";
      line.textContent = text;
      list.append(line);
    };
    const hashes = () => held.value.split(/\s+/).filter(Boolean);
    for (const each of hashes()) told(each, true);
    const put = async (file) => {
      const answer = await fetch(form.dataset.snapshots, { method: "PUT", body: file, headers: { "X-CSRF": csrf, Accept: "application/json" } });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.message || say("failed"));
      return said.sha256;
    };
    field?.addEventListener("change", async () => {
      const files = [...field.files];
      if (!field.multiple) { held.value = ""; list.replaceChildren(); }
      for (const file of files) {
        try {
          const sha256 = await put(file);
          if (hashes().includes(sha256)) continue;
          held.value = [...hashes(), sha256].join(" ");
          held.dispatchEvent(new Event("input", { bubbles: true }));
          told(`${file.name} ${sha256}`, true);
          form.querySelector("#evidence-trouble")?.remove();
        } catch (error) {
          told(`${file.name}: ${error.message}`, false);
        }
      }
      field.value = "";
    });
  }
})();
