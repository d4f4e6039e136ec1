// How the picture calls its places and its money; every word comes from the page.
"use strict";
(() => {
  const { say, count, picture } = window.fanzha;
  const [CUT, NOTES] = [5, 40];
  const LENGTHS = { day: 10, minute: 16, second: 19 };
  const words = JSON.parse(document.getElementById("picture-words").textContent);
  const yuan = (fen) => `${fen < 0 ? "-" : ""}¥${Math.floor(Math.abs(fen) / 100).toLocaleString("en-US")}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
  const compact = (digits) =>
    new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: digits });
  const [small, large] = [compact(1), compact(2)]; // 1,750,000 is no 1.8 million
  const shortened = (yuan) => (yuan < 1e6 ? small : large).format(yuan);
  const short = (fen) => `${fen < 0 ? "−" : ""}¥${shortened(Math.abs(fen) / 100)}`;
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const tail = (number) => number.replace(/[*\s]+/g, "…");
  const brief = (name) => (name.length > 10 ? `${name.slice(0, 2)}…${name.slice(-5)}` : name);
  const account = (told) => (told ? [brief(told.name || ""), tail(told.number)].filter(Boolean).join(" ") : say("picture_nobody"));
  const words_of = (node) => `${picture.words.layer(node.layer)} ${picture.words.label(node)}`;
  picture.words = {
    yuan, short, account,
    difference: (fen) => (fen > 0 ? "+" : "") + short(fen),
    exact: (at, precision = "second") => (at === null ? "–" : clock.format(new Date(at)).slice(0, LENGTHS[precision])),
    state: (code) => words.state[code] || code,
    method: (code) => words.method[code] || code,
    mark: (code) => words.mark[code] || code,
    layer: (layer) => say("picture_layer", { layer }),
    // What limits kept a trace, or either of two, from telling; empty where they went to their end.
    stopped: ({ totals }) => (totals.every((each) => each.ended === "nothing_left") ? "" : say("picture_stopped")),
    cut: ({ totals }) => {
      const told = new Map(totals.flatMap((each) => each.cut).map((each) => [each?.key, account(each)]));
      const some = [...told.values()].slice(0, CUT).join(" · ");
      return told.size ? say("picture_cut", { count: count(told.size), accounts: told.size > CUT ? `${some} …` : some }) : "";
    },
    patterns: ({ patterns_left_out: left, patterns_cut: cut }) => (left || cut ? say("picture_patterns_limits", { left_out: count(left), cut: count(cut) }) : ""),
    // What hangs on places, for a file in which no panel opens.
    notes: (scene) => {
      const told = scene.nodes.flatMap((node) => node.notes.map((each) => `✎ ${words_of(node)} · ${each.text.replace(/\s+/g, " ")} · ${each.by} ${picture.words.exact(each.at)}`));
      return told.length > NOTES ? [...told.slice(0, NOTES), say("picture_more", { shown: count(NOTES), count: count(told.length) })] : told;
    },
    // Of what this picture would draw and somebody hid: how many places, and the money through the largest.
    hidden: (data, side) => {
      const away = new Set(data.marks.hidden);
      const through = data.nodes.filter((each) => away.has(each.id)).map((each) => Math.max(each.sides[side].in_fen, each.sides[side].out_fen)).filter(Boolean);
      return through.length ? say("picture_hidden_png", { count: count(through.length), fen: yuan(Math.max(...through)) }) : "";
    },
    tail: (node) => (node.members[0].account ? tail(node.members[0].account.number) : picture.words.label(node)),
    label: (node) => {
      const [first] = node.members;
      if (node.kind === "group") return node.title || say("picture_group", { count: count(node.members.length) });
      if (node.kind === "exit") return words.exit[first.exit] || words.state.not_followed;
      if (node.kind === "others") return say("picture_others", { count: count(first.accounts) });
      return account(first.account);
    },
  };
})();
