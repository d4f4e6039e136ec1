// Files dropped or chosen go up one by one, streamed, with progress; then they are imported in the background.
"use strict";
(() => {
  const { ask, say, csrf } = window.fanzha;
  const drop = document.getElementById("drop");
  if (!drop) return;
  const sending = document.getElementById("sending");
  const bar = document.getElementById("sending-bar");
  const words = document.getElementById("sending-words");
  const trouble = document.getElementById("sending-trouble");
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const put = (path, file, name, moved) => new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", path);
    request.setRequestHeader("X-CSRF", csrf);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-File-Name", encodeURIComponent(name));
    request.upload.onprogress = (event) => moved(event.loaded);
    request.onerror = () => failed(new Error(say("failed")));
    request.onload = () => {
      if (request.status === 200) return done();
      let told = say("failed");
      try { told = JSON.parse(request.responseText).message || told; } catch { /* not ours */ }
      failed(new Error(told));
    };
    request.send(file);
  });
  const send = async (files) => {
    if (!files.length || !sending.hidden) return;
    const whole = files.reduce((sum, each) => sum + each.file.size, 0) || 1;
    trouble.hidden = true;
    sending.hidden = false;
    const leave = (event) => event.preventDefault();
    addEventListener("beforeunload", leave);
    try {
      const { batch } = await ask(drop.dataset.uploads);
      let before = 0;
      for (const [place, { file, name }] of files.entries()) {
        const moved = (loaded) => {
          bar.value = (before + loaded) / whole;
          words.textContent = say("sending", { number: place + 1, count: files.length, done: megabytes(before + loaded), whole: megabytes(whole) });
        };
        moved(0);
        await put(`${drop.dataset.uploads}/${batch}`, file, name, moved);
        before += file.size;
      }
      const { next } = await ask(`${drop.dataset.uploads}/${batch}`);
      removeEventListener("beforeunload", leave);
      location.assign(next);
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
      sending.hidden = true;
    } finally {
      removeEventListener("beforeunload", leave);
    }
  };
  const read = (entries) => new Promise((done, failed) => entries.readEntries(done, failed));
  const inside = async (entry, found) => {
    if (entry.isFile) found.push({ file: await new Promise((done, failed) => entry.file(done, failed)), name: entry.fullPath.slice(1) });
    if (!entry.isDirectory) return;
    const reader = entry.createReader();
    for (let some = await read(reader); some.length; some = await read(reader)) for (const each of some) await inside(each, found);
  };
  addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = [];
    for (const entry of entries) await inside(entry, found);
    send(found);
  });
  drop.addEventListener("click", (event) => {
    const wished = event.target.closest("[data-pick]")?.dataset.pick;
    if (wished) document.getElementById(`pick-${wished}`).click();
  });
  for (const field of drop.querySelectorAll("input[type=file]")) {
    field.addEventListener("change", () => {
      send([...field.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
      field.value = "";
    });
  }
})();
