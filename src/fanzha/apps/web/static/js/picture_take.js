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
  // How large the paper is that holds all of it, and how much of it the lines above take.
  const paperFor = (scene, lines, look) => {
    const box = picture.bounds(scene);
    const head = 24 + lines.length * LINE;
    return { box, head, wide: Math.max(box.right - box.left, longest(lines, look)) + 48, high: box.bottom - box.top + 72 + head };
  };
  const drawn = (pen, scene, view, lines, look, { box, head, wide, high }, scale) => {
    const zoom = Math.min(scale, 1);
    const ratio = scale / zoom;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, wide * scale, high * scale);
    const plain = { here: null, edge: null, chosen: null, glow: 0 };
    picture.paint(pen, scene, { ...view, ...plain, look, zoom, ratio, x: (24 - box.left) * zoom, y: (48 + head - box.top) * zoom, width: wide * zoom, height: high * zoom, headTop: head * zoom });
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = look.ink;
    lines.forEach((line, at) => { pen.font = font(at, look); pen.fillText(line, 24, 28 + at * LINE); });
  };
  const sheet = (scene, view, lines) => {
    const look = { ...picture.look(), paper: "#fff" };
    const page = paperFor(scene, lines, look);
    const scale = Math.min(2, LONGEST / Math.max(page.wide, page.high), Math.sqrt(MOST_PIXELS / (page.wide * page.high)));
    const paper = Object.assign(document.createElement("canvas"), { width: Math.ceil(page.wide * scale), height: Math.ceil(page.high * scale) });
    drawn(paper.getContext("2d"), scene, view, lines, look, page, scale);
    return paper;
  };
  const vectors = (scene, view, lines) => {
    const patterns = picture.svgPatterns();
    const look = { ...picture.look(patterns.make), paper: "#fff" };
    const page = paperFor(scene, lines, look);
    const pen = picture.svgPen();
    drawn(pen, scene, view, lines, look, page, 1);
    return new Blob([picture.svgFile(page.wide, page.high, patterns.defs(), pen.written())], { type: "image/svg+xml" });
  };
  const save = (blob, name) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  picture.take = async (kind, { scene, view, lines, name, path }) => {
    await ask(path, { method: "POST" });
    if (kind === "svg") return save(lightly(() => vectors(scene, view, lines)), `${name}.svg`);
    const paper = lightly(() => sheet(scene, view, lines));
    save(await new Promise((done) => paper.toBlob(done, "image/png")), `${name}.png`);
  };
})();
