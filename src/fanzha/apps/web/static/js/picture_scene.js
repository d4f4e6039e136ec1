// The picture as a value: what the server laid out, with people's marks applied, and its money at one instant by one method.
"use strict";
(() => {
  const picture = (window.fanzha.picture = {});
  const GAP = 6;
  const STATES = ["held", "last_seen", "before", "disputed"];
  const told = (side) => {
    let sum = 0;
    return { side, times: side.hops.map((hop) => Date.parse(hop.at)), sums: side.hops.map((hop) => (sum += hop.traced_fen)) };
  };
  // Several edges between the same two drawn places are one: their payments together, in order of time.
  const joined = (edges) => edges[0].sides.map((side, at) => told(edges.length === 1 ? side : {
    traced_fen: edges.reduce((sum, each) => sum + each.sides[at].traced_fen, 0),
    hops: edges.flatMap((each) => each.sides[at].hops).sort((a, b) => a.at.localeCompare(b.at)),
  }));
  const fenAt = ({ times, sums, side }, instant) => {
    if (instant === Infinity) return side.traced_fen;
    let low = 0;
    let high = times.length;
    while (low < high) { const middle = (low + high) >> 1; if (times[middle] <= instant) low = middle + 1; else high = middle; }
    return low ? sums[low - 1] : 0;
  };
  const place = (each, pins) => ({ x: pins.get(each.id)?.x ?? each.x, y: pins.get(each.id)?.y ?? each.y });
  const single = (each, pins, notes) => ({
    id: each.id, members: [each], kind: each.kind, layer: each.layer, title: "", entry: 0, height: each.height, ...place(each, pins),
    pinned: pins.has(each.id), notes: notes.filter((note) => note.node === each.id), ins: [], outs: [],
  });
  // A merged place stands where its largest member stands, and is as high as all of them.
  const group = (mark, members, pins, notes) => ({
    ...single(members[0], pins, notes), id: `group-${mark.entry}`, members, title: mark.title, entry: mark.entry, kind: "group",
    height: members.reduce((sum, each) => sum + each.height, 0), notes: notes.filter((note) => mark.nodes.includes(note.node)),
  });
  const drawnNodes = (data, marks) => {
    const byId = new Map(data.nodes.map((each) => [each.id, each]));
    const pins = new Map(marks.pins.map((each) => [each.node, each]));
    const hidden = new Set(marks.hidden);
    const home = new Map();
    const found = [];
    for (const mark of marks.groups) {
      const members = mark.nodes.map((id) => byId.get(id)).filter((each) => each && !hidden.has(each.id) && !home.has(each.id));
      if (members.length < 2) continue;
      const made = group(mark, members.sort((a, b) => b.height - a.height), pins, marks.notes);
      members.forEach((each) => home.set(each.id, made));
      found.push(made);
    }
    for (const each of data.nodes) {
      if (home.has(each.id) || hidden.has(each.id)) continue;
      const made = single(each, pins, marks.notes);
      home.set(each.id, made);
      found.push(made);
    }
    return { nodes: found, home };
  };
  const drawnEdges = (data, home) => {
    const between = new Map();
    for (const edge of data.edges) {
      const [from, to] = [home.get(edge.source), home.get(edge.target)];
      if (!from || !to || from === to) continue;
      const key = `${from.id}>${to.id}`;
      if (!between.has(key)) between.set(key, { id: key, from, to, parts: [] });
      between.get(key).parts.push(edge);
    }
    const tops = new Map(data.nodes.map((each) => [each.id, each.y]));
    for (const edge of between.values()) {
      const [first] = edge.parts;
      edge.told = joined(edge.parts);
      edge.width = edge.parts.reduce((sum, each) => sum + each.width, 0);
      edge.leaves = first.source_y - tops.get(first.source);
      edge.arrives = first.target_y - tops.get(first.target);
      edge.from.outs.push(edge);
      edge.to.ins.push(edge);
    }
    return [...between.values()];
  };
  // Where bands leave and reach a merged place nobody has reckoned yet: one below the other, by where the other end stands.
  const stack = (edges, end, other) => {
    let down = 0;
    for (const edge of edges.sort((a, b) => a[other].y - b[other].y)) { edge[end] = down + edge.width / 2; down += edge.width; }
  };
  picture.scene = (data, marks) => {
    const { nodes, home } = drawnNodes(data, marks);
    const edges = drawnEdges(data, home);
    for (const each of nodes) if (each.kind === "group") { stack(each.outs, "leaves", "to"); stack(each.ins, "arrives", "from"); }
    const times = new Set(edges.flatMap((edge) => edge.told.flatMap((side) => side.times)));
    const byId = new Map(nodes.map((each) => [each.id, each]));
    return { data, marks, nodes, edges, byId, home, times: [...times].sort((a, b) => a - b), backward: data.question.direction === "backward" };
  };
  // A place's own sums by one method; what lies there is told for the end only, before that it is what came and has not gone.
  const sums = (node, side) => node.members.reduce((all, each) => {
    for (const state of STATES) all[state] += each.sides[side][`${state}_fen`];
    return all;
  }, { held: 0, last_seen: 0, before: 0, disputed: 0 });
  // Only an account whose own statement tells its money to the end is known to have held it before: of any other nobody knew, at any time.
  const told_by = (each) => (each.kind === "others" ? each.members : [each]).every(({ account }) => account?.has_statement);
  const known = (node, side) => node.members.every((each) => !each.sides[side].last_seen_fen && told_by(each));
  const parts = (node, side, atEnd, backward) => {
    if (node.kind === "exit") return [[node.members[0].exit === "below_floor" ? "not_followed" : "gone", node.now.fen]];
    if (node.layer === 0) return [["origin", node.now.fen]];
    if (node.members.some((each) => each.sides[side].state === "reached")) return [["reached", node.now.fen]];
    const went = backward ? node.now.in_fen : node.now.out_fen;
    if (!atEnd) return backward ? [["passed", node.now.fen]] : [["passed", went], [known(node, side) ? "lying" : "last_seen", Math.max(0, node.now.in_fen - went)]];
    const rest = sums(node, side);
    return [["passed", went], ...STATES.map((state) => [state, Math.max(0, rest[state])])];
  };
  const standing = (node, side, atEnd) => {
    if (!node.now.fen) return "absent";
    if (atEnd && node.members.length === 1) return node.members[0].sides[side].state;
    return node.parts.reduce((most, each) => (each[1] > most[1] ? each : most))[0];
  };
  picture.reckon = (scene, side, instant) => {
    const atEnd = instant === Infinity;
    for (const edge of scene.edges) edge.fen = fenAt(edge.told[side], instant);
    for (const node of scene.nodes) {
      const [in_fen, out_fen] = [node.ins, node.outs].map((edges) => edges.reduce((sum, edge) => sum + edge.fen, 0));
      // With all its neighbours drawn these are the same; hidden ones take their bands away, not their money.
      const own = (name, fen) => (atEnd && node.members.length === 1 ? node.members[0].sides[side][name] : fen);
      node.now = { in_fen: own("in_fen", in_fen), out_fen: own("out_fen", out_fen) };
      node.now.fen = Math.max(node.now.in_fen, node.now.out_fen);
      node.parts = parts(node, side, atEnd, scene.backward);
      node.now.lies_fen = node.parts.reduce((sum, [state, fen]) => (["lying", "held", "last_seen", "before"].includes(state) ? sum + fen : sum), 0);
      node.state = standing(node, side, atEnd);
    }
  };
  // Where the money of all starts is at an instant, whatever people hid or merged; at the end the house has told it itself.
  const NOTHING = { pins: [], hidden: [], groups: [], notes: [] };
  const KEPT_AS = { lying: "held", held: "held", last_seen: "last_seen", gone: "left", not_followed: "below_floor" };
  const summed = (scene, side, instant) => {
    const all = { started: 0, held: 0, last_seen: 0, before: 0, left: 0, below_floor: 0, disputed: 0 };
    scene.whole ||= picture.scene(scene.data, NOTHING);
    picture.reckon(scene.whole, side, instant);
    for (const node of scene.whole.nodes) {
      if (node.layer === 0) all.started += node.now.fen;
      for (const [state, fen] of node.parts) if (KEPT_AS[state]) all[KEPT_AS[state]] += fen;
    }
    return all;
  };
  picture.totals = (scene, side, instant) => {
    const told = scene.data.totals[side];
    if (instant !== Infinity && !scene.backward) return summed(scene, side, instant);
    const left = Object.values(told.left_fen).reduce((all, some) => all + some, 0);
    return { started: told.started_fen, held: told.held_fen, last_seen: told.last_seen_fen, before: told.before_fen, left, below_floor: told.below_floor_fen, disputed: told.disputed_fen };
  };
  // Against the other rule at the same instant.
  picture.difference = (node, side, instant) => {
    const fen = (at) => Math.max(...["ins", "outs"].map((way) => node[way].reduce((sum, edge) => sum + fenAt(edge.told[at], instant), 0)));
    return fen(side) - fen(1 - side);
  };
  picture.edgeDifference = (edge, side, instant) => fenAt(edge.told[side], instant) - fenAt(edge.told[1 - side], instant);
  picture.bounds = (scene) => {
    const box = { left: 0, top: 0, right: scene.data.size.width, bottom: scene.data.size.height };
    for (const node of scene.nodes) {
      box.left = Math.min(box.left, node.x);
      box.top = Math.min(box.top, node.y);
      box.right = Math.max(box.right, node.x + 236);
      box.bottom = Math.max(box.bottom, node.y + node.height + GAP);
    }
    return box;
  };
})();
