// The picture as a file: all of it on white paper, with what it shows and when it was taken; the server notes who took it first.
"use strict";
(() => {
  const { ask, picture } = window.fanzha;
  const LONGEST = 30_000;
  const MOST_PIXELS = 60_000_000;
  const LINE = 20;
  const font = (at, look) => `${at ? "" : "600 "}${at ? 12 : 16}px ${look.sans}`;
  // How wide the longest line above the picture is: none of them may be cut off.
  const longest = (lines, look) => {
    const pen = document.createElement("canvas").getContext("2d");
    return Math.max(...lines.map((line, at) => { pen.font = font(at, look); return pen.measureText(line).width; }));
  };
  const lightly = (make) => {
    const root = document.documentElement;
    const before = root.dataset.theme;
    root.dataset.theme = "light";
    try { return make(); } finally { root.dataset.theme = before; }
  };
  const sheet = (scene, view, lines) => {
    const box = picture.bounds(scene);
    const look = { ...picture.look(), paper: "#fff" };
    const head = 24 + lines.length * LINE;
    const [wide, high] = [Math.max(box.right - box.left, longest(lines, look)) + 48, box.bottom - box.top + 72 + head];
    const scale = Math.min(2, LONGEST / Math.max(wide, high), Math.sqrt(MOST_PIXELS / (wide * high)));
    const zoom = Math.min(scale, 1);
    const ratio = scale / zoom;
    const paper = Object.assign(document.createElement("canvas"), { width: Math.ceil(wide * scale), height: Math.ceil(high * scale) });
    const pen = paper.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, paper.width, paper.height);
    const plain = { here: null, edge: null, chosen: null, glow: 0 };
    picture.paint(pen, scene, { ...view, ...plain, look, zoom, ratio, x: (24 - box.left) * zoom, y: (48 + head - box.top) * zoom, width: paper.width / ratio, height: paper.height / ratio, headTop: head * zoom });
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = look.ink;
    lines.forEach((line, at) => { pen.font = font(at, look); pen.fillText(line, 24, 28 + at * LINE); });
    return paper;
  };
  const save = (blob, name) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  picture.png = async ({ scene, view, lines, name, path }) => {
    await ask(path, { body: JSON.stringify({ nodes: scene.nodes.length }), headers: { "Content-Type": "application/json" } });
    const paper = lightly(() => sheet(scene, view, lines));
    save(await new Promise((done) => paper.toBlob(done, "image/png")), name);
  };
})();
