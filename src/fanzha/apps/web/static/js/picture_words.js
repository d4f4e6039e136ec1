// How the picture calls its places and its money; every word comes from the page.
"use strict";
(() => {
  const { say, count, picture } = window.fanzha;
  const words = JSON.parse(document.getElementById("picture-words").textContent);
  const yuan = (fen) => `${fen < 0 ? "-" : ""}¥${Math.floor(Math.abs(fen) / 100).toLocaleString("en-US")}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
  const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
  const short = (fen) => `${fen < 0 ? "−" : ""}¥${compact.format(Math.abs(fen) / 100)}`;
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const tail = (number) => number.replace(/[*\s]+/g, "…");
  const brief = (name) => (name.length > 10 ? `${name.slice(0, 2)}…${name.slice(-5)}` : name);
  const account = (told) => (told ? [brief(told.name || ""), tail(told.number)].filter(Boolean).join(" ") : say("picture_nobody"));
  picture.words = {
    yuan, short, account,
    difference: (fen) => (fen > 0 ? "+" : "") + short(fen),
    exact: (at) => (at === null ? "–" : clock.format(new Date(at))),
    state: (code) => words.state[code] || code,
    method: (code) => words.method[code] || code,
    mark: (code) => words.mark[code] || code,
    layer: (layer) => say("picture_layer", { layer }),
    label: (node) => {
      const [first] = node.members;
      if (node.kind === "group") return node.title || say("picture_group", { count: count(node.members.length) });
      if (node.kind === "exit") return words.exit[first.exit] || words.state.not_followed;
      if (node.kind === "others") return say("picture_others", { count: count(first.accounts) });
      return account(first.account);
    },
  };
})();
