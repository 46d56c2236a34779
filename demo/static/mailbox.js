// New mail appears by itself: the lists are fetched again when the stream says
// so. Without script they are as new as the page.
"use strict";

const lists = document.getElementById("live");

async function refresh() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  if (!fresh || fresh.isEqualNode(lists)) return;
  const at = document.activeElement && lists.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  lists.replaceChildren(...document.importNode(fresh, true).childNodes);
  if (at) [...lists.querySelectorAll("a")].find((a) => a.getAttribute("href") === at)?.focus();
}

if (lists && window.EventSource) {
  const stream = new EventSource("/mailbox/events");
  let running = null;
  let again = false;
  const changed = () => {
    if (running) {
      again = true; // one fetch at a time; a change that comes meanwhile makes one more
      return;
    }
    running = refresh().catch(() => {}).finally(() => {
      running = null;
      if (again) {
        again = false;
        changed();
      }
    });
  };
  stream.addEventListener("mail", changed);
  stream.addEventListener("open", changed);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
