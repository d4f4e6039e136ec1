// Beside the picture: the facts of what is chosen, each payment with its evidence, and what can be done with it.
"use strict";
(() => {
  const { say, count, picture } = window.fanzha;
  const { words } = picture;
  const MOST = 100;
  const fill = (id, told) => {
    const made = document.getElementById(id).content.cloneNode(true);
    for (const each of made.querySelectorAll("[data-if]")) if (!told[each.dataset.if]) each.remove();
    for (const each of made.querySelectorAll("[data-slot]")) each.textContent = told[each.dataset.slot] ?? "";
    for (const each of made.querySelectorAll("[data-href]")) each.href = told[each.dataset.href];
    for (const each of made.querySelectorAll("[data-seal]")) { const ref = told[each.dataset.seal]; if (ref) each.dataset.ref = ref; }
    for (const each of made.querySelectorAll(".sealed")) if (!each.querySelector("[data-ref]")) each.querySelector(".eye")?.remove();
    for (const each of made.querySelectorAll("[data-state-of]")) each.dataset.state = told[each.dataset.stateOf];
    return made;
  };
  const link = (scene, kind, name, value) => scene.data.links[kind].replace(`{${name}}`, value);
  const sum = (fen) => (fen ? words.yuan(fen) : "");
  // What lies in a place and when money came by, as the clock stands: both told by its parts and its bands alone.
  const rest = (node, ...states) => sum(node.parts.reduce((all, [state, fen]) => (states.includes(state) ? all + fen : all), 0));
  const times = (node, { side, instant }) => {
    const hops = [...node.ins, ...node.outs].flatMap((edge) => edge.told[side].side.hops).filter((hop) => Date.parse(hop.at) <= instant);
    if (!hops.length) return { first: words.exact(null), last: words.exact(null) };
    const first = hops.reduce((a, b) => (Date.parse(b.at) < Date.parse(a.at) ? b : a));
    const last = hops.reduce((a, b) => (Date.parse(b.at) > Date.parse(a.at) ? b : a));
    return { first: words.exact(first.at, first.precision), last: words.exact(last.at, last.precision) };
  };
  const opens = (made, node) => {
    for (const each of made.querySelectorAll("[data-go]")) each.dataset.go = node;
    return made;
  };
  const payment = (scene, edge, hop, other) => {
    const url = hop.movement ? link(scene, "movement", "movement", hop.movement) : "";
    const made = fill("picture-payment", {
      at: words.exact(hop.at, hop.precision), other: words.label(other), fen: words.yuan(hop.traced_fen), url, movement: url, untold: !url && hop.payments === 1,
      joined: hop.payments > 1 ? say("picture_joined", { count: count(hop.payments) }) : "",
    });
    const row = made.querySelector("a[data-drawer]");
    if (row) row.setAttribute("hx-get", url);
    return opens(made, other.id);
  };
  const payments = (scene, node, way, view) => {
    const other = way === "ins" ? "from" : "to";
    const all = node[way].flatMap((edge) => edge.told[view.side].side.hops.map((hop) => ({ edge, hop })));
    const some = all.filter(({ hop }) => Date.parse(hop.at) <= view.instant).sort((a, b) => a.hop.at.localeCompare(b.hop.at));
    if (!some.length) return "";
    const made = fill("picture-payments", { title: say(`picture_${way}`, { count: count(some.reduce((sum, { hop }) => sum + hop.payments, 0)) }), more: some.length > MOST ? say("picture_more", { shown: count(MOST), count: count(some.length) }) : "" });
    made.querySelector("ul").append(...some.slice(0, MOST).map(({ edge, hop }) => payment(scene, edge, hop, edge[other])));
    return made;
  };
  // A note being typed outlives whatever fills the panel anew, in this tab only, and is forgotten once it is kept.
  picture.draft = (scene, node) => {
    const key = `keep:picture-${scene.data.case}-${node.members[0].id}`;
    return { typed: () => sessionStorage.getItem(key) || "", keep: (text) => (text ? sessionStorage.setItem(key, text) : sessionStorage.removeItem(key)) };
  };
  const written = (field, text) => {
    if (!field || !text) return;
    field.value = text;
    field.closest("details").open = true;
  };
  const notes = (node) => {
    const made = document.createDocumentFragment();
    for (const each of node.notes) made.append(fill("picture-note", { text: each.text, by: each.by, at: words.exact(each.at) }));
    return made;
  };
  // What is named about the account, each with the first payments that prove it.
  const patterns = (scene, node) => {
    const made = document.createDocumentFragment();
    const told = node.kind === "account" ? node.members[0].patterns : [];
    for (const each of told) {
      const one = fill("picture-pattern", { title: each.title, said: each.said, at: words.exact(each.first_at, each.first_precision), inconclusive: !each.conclusive, more: each.movement_count > each.movements.length ? say("picture_more", { shown: count(each.movements.length), count: count(each.movement_count) }) : "" });
      one.querySelector("[data-proofs]").append(...each.movements.map((movement, at) => {
        const url = link(scene, "movement", "movement", movement);
        const row = fill("picture-proof", { url, at: count(at + 1), said: movement });
        row.querySelector("a").setAttribute("hx-get", url);
        return row;
      }));
      made.append(one);
    }
    return made;
  };
  const put = (panel, ...parts) => {
    const holder = panel.querySelector("[data-panel]");
    holder.replaceChildren(...parts);
    window.htmx.process(holder);
  };
  const members = (scene, node) => {
    const [first] = node.members;
    const told = node.kind === "group" ? node.members.map((each) => ({ account: each.account, fen: Math.max(...each.sides.map((side) => Math.max(side.in_fen, side.out_fen))), label: words.label({ ...node, kind: each.kind, members: [each] }) })) : first.members.map((each) => ({ account: each.account, fen: each.through_fen, label: words.account(each.account) }));
    return told.map((each) => fill("picture-member", { ...each, fen: words.yuan(each.fen), url: each.account && link(scene, "account", "account", each.account.key), linked: each.account, plain: !each.account }));
  };
  picture.panel = (panel) => ({
    node: (scene, node, view, may) => {
      const [first] = node.members;
      const account = node.kind === "group" ? null : first.account;
      const side = view.side;
      const changed = view.compare ? picture.difference(node, side, view.instant) : 0;
      const made = fill("picture-node", {
        layer: words.layer(node.layer), state: words.state(node.state), code: node.state, title: account ? "" : words.label(node),
        number: account?.number, number_ref: account?.number_ref, name: account?.name, name_ref: account?.name_ref,
        account: account && link(scene, "account", "account", account.key), statement: account && say(account.has_statement ? "picture_statement" : "picture_no_statement"),
        in: words.yuan(node.now.in_fen), out: words.yuan(node.now.out_fen), came: node.layer || scene.backward, went: node.kind !== "exit",
        held: rest(node, "held", "lying"), last_seen: rest(node, "last_seen"), before: rest(node, "before"), disputed: rest(node, "disputed"),
        changed: changed ? `${changed > 0 ? "+" : ""}${words.yuan(changed)}` : "", ...times(node, view), also: node.kind === "account" && first.also.length,
        inconclusive: node.members.some((each) => !each.conclusive), mark: may, open: node.kind === "others" && !scene.data.question.open.includes(node.layer),
        pinned: may && node.pinned, ungroup: may && node.kind === "group", members: node.kind === "group" || node.kind === "others",
      });
      const also = made.querySelector("[data-also]");
      if (also) for (const id of first.also) { const go = fill("picture-also", { layer: words.layer(Number(id.split("@")[1])) }); also.append(opens(go, id)); }
      made.querySelector("[data-members]")?.append(...members(scene, node));
      made.querySelector("[data-notes]").append(notes(node));
      written(made.querySelector("[name=note]"), picture.draft(scene, node).typed());
      made.querySelector("[data-patterns]").append(patterns(scene, node));
      made.querySelector("[data-payments]").append(payments(scene, node, "ins", view), payments(scene, node, "outs", view));
      put(panel, made);
    },
    edge: (scene, edge, view) => {
      const changed = view.compare ? picture.edgeDifference(edge, view.side, view.instant) : 0;
      const made = fill("picture-edge", { from: words.label(edge.from), to: words.label(edge.to), fen: words.yuan(edge.fen), changed: changed ? `${changed > 0 ? "+" : ""}${words.yuan(changed)}` : "" });
      const hops = edge.told[view.side].side.hops.filter((hop) => Date.parse(hop.at) <= view.instant);
      made.querySelector("ul").append(...hops.slice(0, MOST).map((hop) => payment(scene, edge, hop, edge.to)));
      made.querySelectorAll("[data-go]").forEach((each, at) => { if (at < 2) each.dataset.go = at ? edge.to.id : edge.from.id; });
      put(panel, made);
    },
    several: (scene, nodes, may) => {
      const made = fill("picture-several", { title: say("picture_several", { count: count(nodes.length) }), in: words.yuan(nodes.reduce((all, each) => all + each.now.in_fen, 0)), out: words.yuan(nodes.reduce((all, each) => all + each.now.out_fen, 0)), mark: may });
      made.querySelector("ul").append(...nodes.slice(0, MOST).map((each) => opens(fill("picture-one", { label: words.label(each), fen: words.yuan(each.now.fen) }), each.id)));
      put(panel, made);
    },
    whole: (scene, view) => {
      const told = picture.totals(scene, view.side, view.instant);
      const other = view.compare ? picture.totals(scene, 1 - view.side, view.instant) : null;
      const method = words.method(scene.data.methods[view.side]);
      const made = fill("picture-whole", { method: view.instant === Infinity ? method : `${method} · ${words.exact(view.instant)}`, merged: scene.data.merged.accounts ? say("picture_merged", { count: count(scene.data.merged.accounts) }) : "", limits: scene.data.merged.limits.length, hidden: scene.marks.hidden.length ? say("picture_hidden", { count: count(scene.marks.hidden.length) }) : "" });
      for (const [name, fen] of Object.entries(told)) {
        const row = made.querySelector(`[data-total=${name}]`);
        const changed = other ? fen - other[name] : 0;
        if (!fen && !changed) { row.remove(); continue; }
        row.querySelector("dd").textContent = words.yuan(fen) + (changed ? ` (${changed > 0 ? "+" : ""}${words.yuan(changed)})` : "");
      }
      const log = made.querySelector("[data-history]");
      log?.append(...scene.marks.history.slice(0, 20).map((each) => fill("picture-entry", { what: words.mark(each.kind), by: each.by, at: words.exact(each.at), undone: each.undone })));
      if (!scene.marks.history.length) made.querySelector("[data-has-history]")?.remove();
      put(panel, made);
    },
  });
})();
