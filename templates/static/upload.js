"use strict";

// Files that come in parts, for the pages that have them.
//
// <div data-uploads="URL" data-part="BYTES"> sends what is chosen or dropped
// there part by part, one file after the other, and asks the server where each
// stands: so it goes on after a cut, and after the page was loaded again.

function uploads(box) {
  const [form, input] = [box.closest("form"), box.querySelector("input[type=file]")];
  const [coming, staged, hint] = [box.querySelector(".coming"), box.querySelector(".staged"), box.querySelector(":scope > [role=status]")];
  const waiting = [];
  let [busy, held] = [false, null];

  const ask = (url, body, onprogress) => new Promise((answered) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    if (onprogress) request.upload.addEventListener("progress", onprogress);
    request.addEventListener("loadend", () => answered({ status: request.status, ...request.response }));
    request.send(body);
  });
  const pause = (seconds) => new Promise((over) => {
    setTimeout(over, 1000 * seconds);
    addEventListener("online", over, { once: true });
  });

  function row(file) {
    const item = box.querySelector("template[data-row=coming]").content.cloneNode(true).firstElementChild;
    const job = { file, item, bar: item.querySelector("progress"), said: item.querySelector(".said"), ended: false };
    item.querySelector(".name").textContent = file.name;
    job.said.textContent = box.dataset.waits;
    item.querySelector("button").addEventListener("click", () => {
      job.ended = true;
      if (job.id) ask(box.dataset.uploads + "/" + job.id + "/drop", new URLSearchParams());
      item.remove();
      next();
    });
    coming.append(item);
    coming.hidden = false;
    return job;
  }

  function show(job, received) {
    job.bar.value = (100 * received) / job.file.size;
    job.said.textContent = Math.floor(job.bar.value) + " %";
  }

  // send returns when the file is here, given up, or cannot come.
  async function send(job) {
    const { file } = job;
    for (let tries = 0; !job.ended; ) {
      let now = await ask(box.dataset.uploads, new URLSearchParams({ name: file.name, type: file.type, size: file.size, mark: file.lastModified }));
      while (now.status === 200 && !now.done && !job.ended) {
        job.id = now.id;
        document.getElementById("c-" + now.id)?.remove(); // what was said of it when the page was loaded
        const at = now.received;
        show(job, at);
        now = await ask(box.dataset.uploads + "/" + job.id + "?at=" + at, file.slice(at, at + Number(box.dataset.part)), (e) => show(job, at + e.loaded));
        if (now.status === 200) tries = 0;
      }
      if (now.done) return job.ended || here(job, now);
      if (job.ended) return;
      // Gone, overloaded, or another window was faster: where it stands is asked again. All else is final.
      const passing = now.status === 0 || now.status >= 500 || now.code === "upload.busy" || now.code === "upload.moved";
      if (!passing) return fail(job, now.error);
      job.said.textContent = now.error || box.dataset.paused;
      await pause(Math.min(30, 2 ** tries++));
    }
  }

  function fail(job, words) {
    job.item.classList.add("wrong");
    job.bar.hidden = true;
    job.said.textContent = words || box.dataset.failed;
  }

  function here(job, now) {
    const item = box.querySelector("template[data-row=staged]").content.cloneNode(true).firstElementChild;
    const [label, choice] = [item.querySelector("label"), item.querySelector("select")];
    choice.id = label.htmlFor = "f-" + now.id;
    item.querySelector(".name").textContent = job.file.name;
    item.querySelector(".quiet-text").textContent = now.about;
    for (const option of choice.options) {
      option.selected = option.value === now.class;
      if (option.value) option.value = now.id + " " + option.value;
    }
    staged.append(item);
    staged.hidden = false;
    job.item.remove();
  }

  async function next() {
    if (busy) return;
    busy = true;
    for (let job; (job = waiting.shift()); ) if (!job.ended) await send(job);
    busy = false;
    coming.hidden = !coming.children.length;
    if (!held) return;
    const button = held;
    [held, hint.textContent] = [null, ""];
    if (!coming.children.length) form.requestSubmit(button);
  }

  function take(files) {
    waiting.push(...[...files].map(row));
    next();
  }

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the form does not send them once more
    take(files);
  });
  form.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    box.classList.add("over");
  });
  form.addEventListener("dragleave", () => box.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    box.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  form.addEventListener("submit", (event) => {
    if (!busy) return;
    event.preventDefault();
    [held, hint.textContent] = [event.submitter, box.dataset.hold];
  });
  addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
}

document.querySelectorAll("[data-uploads]").forEach(uploads);
