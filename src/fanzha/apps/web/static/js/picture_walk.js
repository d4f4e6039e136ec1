// From place to place along the money, without looking: right where most of it went, left whence most came, up and down the layer.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const most = (edges, end) => edges.reduce((best, each) => (each.fen && each.fen > (best?.fen || 0) ? each : best), null)?.[end] || null;
  const column = (scene, node) => scene.nodes.filter((each) => each.layer === node.layer && each.now.fen).sort((a, b) => a.y - b.y);
  const beside = (scene, node, step) => {
    const all = column(scene, node);
    return all[all.indexOf(node) + step] || null;
  };
  picture.first = (scene) => scene.nodes.filter((each) => each.now.fen).reduce((best, each) => (!best || each.x < best.x || (each.x === best.x && each.now.fen > best.now.fen) ? each : best), null);
  picture.walk = (scene, node, key) => {
    if (!node) return picture.first(scene);
    if (key === "ArrowRight") return most(node.outs, "to");
    if (key === "ArrowLeft") return most(node.ins, "from");
    return beside(scene, node, key === "ArrowDown" ? 1 : -1);
  };
})();
