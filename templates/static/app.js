// Planpost's own script. Every page works without it; with it, what changed
// is fetched again while the page stays as it is: focus, scroll position,
// what is being typed and what is unfolded.
"use strict";

// ---- live parts -----------------------------------------------------------
// <div id="x" data-live="task:ID held" data-fragment="/address"> is fetched
// again from its address (or the page's own) when one of its topics changed.
// The answer to a form has no address of its own: to fetch that would be a page
// that is not there, and to load it again would send the form again.

const answer = "answer" in document.body.dataset;
const live = [...document.querySelectorAll(answer ? "[data-live][data-fragment]" : "[data-live]")];

function topicsOf(part) {
  return part.dataset.live.split(" ").filter(Boolean);
}

// refresh fetches one part again. One fetch runs at a time; a change that
// comes meanwhile makes exactly one more.
async function refresh(part) {
  if (part.fetching) {
    part.again = true;
    return;
  }
  part.fetching = true;
  try {
    do {
      part.again = false;
      const reply = await fetch(part.dataset.fragment || location.href, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (reply.status === 401 || reply.status === 404) {
        if (!answer) location.reload(); // signed out, or the right ended: the page itself says so
        return;
      }
      if (!reply.ok) return;
      const text = await reply.text();
      if (text === part.seen) continue;
      part.seen = text;
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      if (fresh) morph(part, fresh);
    } while (part.again);
  } catch (e) {
    // The stream tells when the server is back; then everything is fetched anew.
  } finally {
    part.fetching = false;
  }
}

// morph makes `old` look like `fresh` and touches only what differs. Elements
// are matched by id, then by place.
function morph(old, fresh) {
  for (const a of [...old.attributes]) {
    if (!fresh.hasAttribute(a.name) && !(a.name === "open")) old.removeAttribute(a.name);
  }
  for (const a of fresh.attributes) {
    if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
  }
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    const same = match(old, at, want);
    if (!same) {
      old.insertBefore(document.importNode(want, true), at);
      continue;
    }
    if (same !== at) old.insertBefore(same, at);
    else at = at.nextSibling;
    if (same.nodeType === Node.TEXT_NODE) {
      if (same.data !== want.data) same.data = want.data;
    } else if (same.nodeType === Node.ELEMENT_NODE && !busy(same) && !same.isEqualNode(want)) {
      morph(same, want);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    if (!(gone.nodeType === Node.ELEMENT_NODE && busy(gone))) gone.remove();
  }
}

function match(old, at, want) {
  if (want.id) {
    const known = old.ownerDocument.getElementById(want.id);
    return known && known.parentNode === old ? known : null;
  }
  if (at && !at.id && at.nodeType === want.nodeType && at.nodeName === want.nodeName) return at;
  return null;
}

// busy tells that somebody types in a field of the element.
function busy(element) {
  if (!/^(TEXTAREA|INPUT|SELECT)$/.test(element.nodeName)) return false;
  return element === document.activeElement || ("defaultValue" in element && element.value !== element.defaultValue);
}

// listen opens the stream of the page's topics. A page that is not looked at
// needs none: browsers allow few connections to one host, the gateway a dozen.
function listen() {
  const topics = [...new Set(live.flatMap(topicsOf))];
  if (!topics.length || !window.EventSource) return;
  const query = topics.map((t) => "topic=" + encodeURIComponent(t)).join("&");
  let stream = null;
  const close = () => {
    stream?.close();
    stream = null;
  };
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource("/events?" + query);
    // What changed before the stream stood, or while it was broken, is not told: fetch all.
    stream.addEventListener("open", () => live.forEach(refresh));
    stream.addEventListener("enough", close); // until the page is looked at again
    stream.addEventListener("changed", (event) => {
      for (const part of live) {
        if (topicsOf(part).includes(event.data)) refresh(part);
      }
    });
  };
  open();
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("focus", open);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (event.persisted && !answer) location.reload();
  });
}

// ---- who gets a mail ------------------------------------------------------

function tell(form) {
  const line = form.querySelector("[data-told]");
  if (!line) return;
  const hide = form.querySelector("[data-hide]");
  const show = () => {
    const hidden = hide && hide.checked;
    const names = [...form.querySelectorAll("input[name=tell]:checked")]
      .filter((box) => !(hidden && "outside" in box.dataset))
      .map((box) => box.dataset.name);
    line.hidden = false;
    const list = names.length ? line.dataset.now + " " + names.join(", ") + "." : line.dataset.nobody;
    line.textContent = hidden ? line.dataset.inside + " " + list : list;
    form.classList.toggle("inside", Boolean(hidden));
  };
  form.addEventListener("change", show);
  show();
}

// ---- sending with progress ------------------------------------------------

function progress(form) {
  const files = form.querySelector("input[type=file]");
  const box = form.querySelector(".progress");
  if (!files || !box) return;
  form.addEventListener("submit", (event) => {
    if (!files.files.length) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const [bar, words] = [box.querySelector("progress"), box.querySelector("[role=status]")];
    const request = new XMLHttpRequest();
    box.hidden = false;
    button.disabled = true;
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.addEventListener("progress", (e) => {
      if (!e.lengthComputable) return;
      bar.value = Math.round((100 * e.loaded) / e.total);
      words.textContent = bar.value + " %";
    });
    request.addEventListener("load", () => {
      if (request.status < 400) {
        forget(form);
        const to = new URL(request.responseURL);
        if (to.pathname + to.search === location.pathname + location.search) location.reload();
        else location.assign(to);
        return;
      }
      const said = request.response?.querySelector(".problem") || request.response?.querySelector("main h1");
      fail(said ? said.textContent : request.statusText);
    });
    request.addEventListener("error", () => fail(form.dataset.failed || ""));
    function fail(text) {
      button.disabled = false;
      bar.value = 0;
      words.textContent = text.trim();
      box.classList.add("wrong");
    }
    request.send(new FormData(form));
  });
}

// ---- what is being typed outlives the page ---------------------------------

function keep(field) {
  const key = "draft-" + field.dataset.keep;
  try {
    // What was sent is forgotten when a page says that it is saved, not before: the server may be away.
    const saved = new URLSearchParams(location.search).get("done") === "comment";
    if (saved && sessionStorage.getItem(key) === sessionStorage.getItem(key + "-sent")) forget(field.form);
    if (!field.value) field.value = sessionStorage.getItem(key) || "";
    field.addEventListener("input", () => sessionStorage.setItem(key, field.value));
    field.form.addEventListener("submit", () => sessionStorage.setItem(key + "-sent", field.value));
  } catch (e) {
    // Storage may be forbidden; then nothing is kept.
  }
}

function forget(form) {
  for (const field of form.querySelectorAll("[data-keep]")) {
    try {
      for (const end of ["", "-sent"]) sessionStorage.removeItem("draft-" + field.dataset.keep + end);
    } catch (e) {
      // See keep.
    }
  }
}

// ---- copying ---------------------------------------------------------------
// <button class="copy" data-copies="ID" data-done="Copied"> copies the text of
// that element; where the browser does not let us, it selects it.

async function copy(button) {
  const from = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(from.textContent);
    button.textContent = button.dataset.done;
  } catch (e) {
    getSelection().selectAllChildren(from);
  }
}

// ---- start ----------------------------------------------------------------

document.querySelectorAll("form[data-tell]").forEach(tell);
document.querySelectorAll("form[data-progress]").forEach(progress);
document.querySelectorAll("[data-keep]").forEach(keep);
for (const field of document.querySelectorAll("[data-zone]")) {
  if (field.value === "UTC") field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
}
for (const box of document.querySelectorAll("details.me")) {
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) box.open = false;
  });
}
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.documentElement.classList.add("scripted");
document.addEventListener("click", (event) => {
  const button = event.target.closest(".copy");
  if (button) copy(button);
});
listen();
