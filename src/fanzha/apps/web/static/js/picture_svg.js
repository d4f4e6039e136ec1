// A pen that writes SVG by the same strokes as a canvas's, so that a file is what the screen shows: only what the painter uses.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  // A character that XML has no place for would make the whole file unreadable.
  const escaped = (text) => String(text).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd").replace(/[&<>"']/g, (sign) => SIGNS[sign]);
  const near = (value) => String(Math.round(value * 100) / 100);
  const mark = (name, told, inside = "") => `<${name}${Object.entries(told).map(([key, value]) => ` ${key}="${escaped(value)}"`).join("")}>${inside}</${name}>`;
  const KEPT = ["fillStyle", "strokeStyle", "lineWidth", "globalAlpha", "font", "lineJoin"];
  const ruler = document.createElement("canvas").getContext("2d");
  picture.svgPatterns = () => {
    const made = new Map();
    const drawn = (kind, colour) => (kind === "dots" ? mark("circle", { cx: 3, cy: 3, r: 1.2, fill: colour }) : mark("path", { d: "M0 6L6 0", stroke: colour, "stroke-width": 1.6 }));
    return {
      defs: () => mark("defs", {}, [...made.values()].join("")),
      make: (colour, paper, kind) => {
        const id = `${kind}-${made.size}`;
        made.set(id, mark("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, mark("rect", { width: 6, height: 6, fill: paper }) + drawn(kind, colour)));
        return `url(#${id})`;
      },
    };
  };
  picture.svgPen = () => {
    const out = [];
    const stack = [];
    let [scale, left, top] = [1, 0, 0];
    let path = "";
    const at = (x, y) => `${near(x * scale + left)} ${near(y * scale + top)}`;
    const place = (x, y) => ({ x: near(x * scale + left), y: near(y * scale + top) });
    const pen = {
      fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, font: "12px sans-serif", lineJoin: "miter", textBaseline: "alphabetic",
      written: () => out.join("\n"),
      setTransform: (a, _b, _c, _d, e, f) => { [scale, left, top] = [a, e, f]; },
      translate: (x, y) => { left += x * scale; top += y * scale; },
      scale: (by) => { scale *= by; },
      save: () => stack.push({ scale, left, top, ...Object.fromEntries(KEPT.map((name) => [name, pen[name]])) }),
      restore: () => { const was = stack.pop(); ({ scale, left, top } = was); for (const name of KEPT) pen[name] = was[name]; },
      beginPath: () => { path = ""; },
      moveTo: (x, y) => { path += `M${at(x, y)}`; },
      lineTo: (x, y) => { path += `L${at(x, y)}`; },
      bezierCurveTo: (a, b, c, d, x, y) => { path += `C${at(a, b)} ${at(c, d)} ${at(x, y)}`; },
      fill: () => out.push(mark("path", { d: path, ...inside() })),
      stroke: () => out.push(mark("path", { d: path, ...round() })),
      fillRect: (x, y, width, height) => out.push(mark("rect", { ...place(x, y), width: near(width * scale), height: near(height * scale), ...inside() })),
      strokeRect: (x, y, width, height) => out.push(mark("rect", { ...place(x, y), width: near(width * scale), height: near(height * scale), ...round() })),
      measureText: (text) => { ruler.font = pen.font; return ruler.measureText(text); },
      fillText: (text, x, y) => out.push(mark("text", { ...place(x, y), ...type(), ...inside() }, escaped(text))),
      strokeText: (text, x, y) => out.push(mark("text", { ...place(x, y), ...type(), ...round() }, escaped(text))),
    };
    const inside = () => ({ fill: pen.fillStyle, "fill-opacity": near(pen.globalAlpha) });
    const round = () => ({ fill: "none", stroke: pen.strokeStyle, "stroke-width": near(pen.lineWidth * scale), "stroke-opacity": near(pen.globalAlpha), "stroke-linejoin": pen.lineJoin });
    const type = () => {
      const [, weight, px, family] = pen.font.match(/^(\d+ )?([\d.]+)px (.*)$/);
      return { "font-size": near(px * scale), "font-weight": (weight || "400").trim(), "font-family": family };
    };
    return pen;
  };
  picture.svgFile = (wide, high, ...inside) => mark("svg", { xmlns: "http://www.w3.org/2000/svg", width: near(wide), height: near(high), viewBox: `0 0 ${near(wide)} ${near(high)}` }, inside.join("\n"));
})();
