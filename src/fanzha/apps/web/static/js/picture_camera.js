// Where one looks from: how near, and at which corner of the scene. Nothing is drawn here.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const [FARTHEST, NEAREST] = [0.01, 4];
  const MARGIN = 24;
  const LEGIBLE = 0.42;
  const NARROW = 600;
  const held = (zoom) => Math.min(NEAREST, Math.max(FARTHEST, zoom));
  picture.camera = {
    near: (camera, at, times) => {
      const zoom = held(camera.zoom * times);
      const by = zoom / camera.zoom;
      return { zoom, x: at.x - (at.x - camera.x) * by, y: at.y - (at.y - camera.y) * by };
    },
    moved: (camera, x, y) => ({ ...camera, x: camera.x + x, y: camera.y + y }),
    // The whole picture; unless it is asked for, not from so far that nothing can be read: then where the money begins.
    fit: (scene, size, whole) => {
      const box = picture.bounds(scene);
      const wide = (size.width - 2 * MARGIN) / (box.right - box.left);
      const high = (size.height - 2 * MARGIN - 24) / (box.bottom - box.top);
      // On a phone not even that shows many layers: the height is used, and one goes along by hand.
      const narrow = size.width < NARROW && wide < LEGIBLE;
      const zoom = held(narrow && !whole ? Math.min(Math.max(high, LEGIBLE), 1.25) : whole ? Math.min(wide, high, 1.25) : Math.min(Math.max(wide, LEGIBLE), Math.max(high, LEGIBLE), 1.25));
      const first = scene.nodes.reduce((most, each) => (each.now && (!most || each.now.fen > most.now.fen) ? each : most), null);
      const tall = (box.bottom - box.top) * zoom > size.height;
      const middle = tall && first ? first.y + Math.min(first.height, size.height / zoom) / 2 : (box.top + box.bottom) / 2;
      const left = (box.right - box.left) * zoom > size.width ? MARGIN - box.left * zoom : (size.width - (box.left + box.right) * zoom) / 2;
      return { zoom, x: left, y: size.height / 2 + 12 - middle * zoom };
    },
    sees: (camera, scene, size) => scene.nodes.some((node) => {
      const [x, y] = [node.x * camera.zoom + camera.x, node.y * camera.zoom + camera.y];
      return x > 0 && x < size.width && y + node.height * camera.zoom > 0 && y < size.height;
    }),
    // As little as needed so that a place can be seen.
    show: (camera, node, size) => {
      const at = { x: node.x * camera.zoom + camera.x, y: (node.y + Math.min(node.height, size.height / camera.zoom) / 2) * camera.zoom + camera.y };
      const room = Math.min(200, size.width / 3);
      const x = at.x < 40 ? 40 - at.x : at.x > size.width - room ? size.width - room - at.x : 0;
      const y = at.y < 60 ? 60 - at.y : at.y > size.height - 60 ? size.height - 60 - at.y : 0;
      return { ...camera, x: camera.x + x, y: camera.y + y };
    },
    toScene: (camera, at) => ({ x: (at.x - camera.x) / camera.zoom, y: (at.y - camera.y) / camera.zoom }),
  };
})();
