// What people put on the picture: each mark is an entry that the server keeps, each undo is one too.
"use strict";
(() => {
  const { ask, toast, picture } = window.fanzha;
  // The newest act that stands; and, as long as nothing new was done since, the newest act that was taken back.
  picture.undoable = (marks) => marks.history.find((each) => each.kind !== "undo" && !each.undone) || null;
  picture.redoable = (marks) => {
    const kinds = new Map(marks.history.map((each) => [each.entry, each.kind]));
    for (const each of marks.history) {
      if (each.kind !== "undo") return null;
      if (!each.undone && (kinds.get(each.undoes) ?? "undo") !== "undo") return each;
    }
    return null;
  };
  // One entry after the other: the next one names the last one's number.
  picture.marker = (path, latest, changed) => {
    let queue = Promise.resolve();
    const send = async (entry) => {
      try {
        changed(await ask(path(), { body: JSON.stringify({ after: latest(), ...entry }), headers: { "Content-Type": "application/json" } }));
        return true;
      } catch (trouble) {
        toast(trouble.message);
        changed(null);
        return false;
      }
    };
    return (entry) => (queue = queue.then(() => send(typeof entry === "function" ? entry() : entry)));
  };
})();
