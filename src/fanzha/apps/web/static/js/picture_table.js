// The same facts as a table: for who reads rather than looks, and for who cannot see the picture.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const { words } = picture;
  picture.table = (holder, chosen) => {
    const body = holder.querySelector("tbody");
    const line = document.getElementById("picture-line").content;
    body.addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row) chosen(row.dataset.node);
    });
    const row = (node) => {
      const made = line.cloneNode(true).firstElementChild;
      const told = { layer: node.layer, label: words.label(node), state: words.state(node.state), in: words.yuan(node.now.in_fen), out: words.yuan(node.now.out_fen), lies: words.yuan(node.now.lies_fen) };
      made.dataset.node = node.id;
      for (const each of made.querySelectorAll("[data-slot]")) each.textContent = told[each.dataset.slot];
      made.querySelector("[data-state]").dataset.state = node.state;
      return made;
    };
    return (scene) => {
      const rows = scene.nodes.filter((each) => each.now.fen).sort((a, b) => a.layer - b.layer || b.now.fen - a.now.fen);
      body.replaceChildren(...rows.map(row));
    };
  };
})();
