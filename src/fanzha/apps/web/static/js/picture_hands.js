// What a hand does on the picture, by mouse, pen or fingers: take a place, move the paper, draw a frame, pinch, turn the wheel.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const STILL = 5;
  const onBand = (scene, edge, at, reach) => {
    const { x1, y1, x2, y2, c1, c2 } = picture.course(edge, scene);
    if (at.x < Math.min(x1, x2, c2) || at.x > Math.max(x1, x2, c1)) return Infinity;
    if (x2 <= x1) return Infinity;
    let [low, high] = [0, 1];
    for (let step = 0; step < 14; step++) {
      const t = (low + high) / 2;
      const x = (1 - t) ** 3 * x1 + 3 * (1 - t) ** 2 * t * c1 + 3 * (1 - t) * t * t * c2 + t ** 3 * x2;
      if (x < at.x) low = t; else high = t;
    }
    const y = y1 + (y2 - y1) * low * low * (3 - 2 * low);
    const far = Math.abs(at.y - y) - Math.max(edge.fen / scene.data.size.fen_per_px, 1) / 2;
    return far <= reach ? Math.max(0, far) : Infinity;
  };
  picture.placeAt = (scene, at, zoom) => {
    const reach = 6 / zoom;
    const wide = scene.data.size.node_width;
    const under = (node) => at.x >= node.x - reach && at.x <= node.x + wide + reach && at.y >= node.y - reach && at.y <= node.y + node.height + reach;
    return scene.nodes.reduce((top, node) => (under(node) ? node : top), null);
  };
  picture.bandAt = (scene, at, zoom) => {
    let [nearest, found] = [Infinity, null];
    for (const edge of scene.edges) {
      const far = edge.fen ? onBand(scene, edge, at, 4 / zoom) : Infinity;
      if (far < nearest) [nearest, found] = [far, edge];
    }
    return found;
  };
  const spot = (element, event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  // asks: camera(), scene(), here(), mayTake(); tells: moved, nearer, taken, dropped, framed, pressed, hovered.
  picture.hands = (element, asks, tells) => {
    const down = new Map();
    let act = null;
    const between = () => {
      const [a, b] = [...down.values()];
      return { far: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button > 1) return;
      const at = spot(element, event);
      element.setPointerCapture(event.pointerId);
      down.set(event.pointerId, at);
      if (down.size === 2) { act = { kind: "pinch", ...between() }; return; }
      const there = picture.camera.toScene(asks.camera(), at);
      const node = picture.placeAt(asks.scene(), there, asks.camera().zoom);
      // A finger moves the paper wherever it lands; a place follows it only once it was chosen.
      const takes = node && asks.mayTake() && (event.pointerType !== "touch" || node === asks.here());
      const kind = event.shiftKey && !node ? "frame" : takes ? "take" : "paper";
      act = { kind, from: at, last: at, node, grip: node && { x: there.x - node.x, y: there.y - node.y }, still: true, many: event.shiftKey || event.ctrlKey || event.metaKey };
    });
    element.addEventListener("pointermove", (event) => {
      const at = spot(element, event);
      if (!act) { if (event.pointerType === "mouse") tells.hovered(at); return; }
      if (!down.has(event.pointerId)) return;
      down.set(event.pointerId, at);
      if (act.kind === "pinch") {
        if (down.size < 2) return;
        const now = between();
        tells.nearer({ x: now.x, y: now.y }, now.far / (act.far || 1));
        tells.moved(now.x - act.x, now.y - act.y);
        Object.assign(act, now);
        return;
      }
      if (act.still && Math.hypot(at.x - act.from.x, at.y - act.from.y) < STILL) return;
      act.still = false;
      if (act.kind === "take") {
        const there = picture.camera.toScene(asks.camera(), at);
        tells.taken(act.node, there.x - act.grip.x, there.y - act.grip.y);
      } else if (act.kind === "frame") tells.framed(act.from, at, false);
      else tells.moved(at.x - act.last.x, at.y - act.last.y);
      act.last = at;
    });
    const up = (event) => {
      if (!down.delete(event.pointerId) || !act) return;
      const done = act;
      if (done.kind === "pinch" && down.size) return;
      act = null;
      if (done.kind === "pinch") return;
      if (event.type === "pointercancel") { if (done.kind === "take" && !done.still) tells.dropped(done.node); return; }
      if (done.still) tells.pressed(done.node, done.from, done.many);
      else if (done.kind === "take") tells.dropped(done.node);
      else if (done.kind === "frame") tells.framed(done.from, done.last, true);
    };
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("wheel", (event) => {
      event.preventDefault();
      const step = event.deltaMode === 1 ? 16 : 1;
      if (event.ctrlKey || event.metaKey) tells.nearer(spot(element, event), Math.exp((-event.deltaY * step) / 240));
      else if (event.shiftKey) tells.moved(-event.deltaY * step, 0);
      else tells.moved(-event.deltaX * step, -event.deltaY * step);
    }, { passive: false });
  };
})();
