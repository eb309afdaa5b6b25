// Keeps a page live: when something was committed it fetches the page again and exchanges the parts marked data-live.
// A part marked data-hold is not exchanged under the pointer, the focus or an open form; it says how much is new.
const url = document.body.dataset.liveUrl;
const STALE_MS = 30_000;
let seen = null;
let heardAt = Date.now();
let busy = false;
let again = false;

const ids = (part) => new Set([...part.querySelectorAll("[data-row]")].map((row) => row.dataset.row));

function held(part) {
  if (!("hold" in part.dataset)) return false;
  const focus = document.activeElement;
  const typing = focus && part.contains(focus) && focus.matches("input, select, textarea, summary, button");
  return part.matches(":hover") || typing || part.querySelector("details[open]") !== null;
}

function exchange(part, fresh) {
  const chosen = part.querySelector("tr.chosen")?.dataset.row;
  const cursor = part.querySelector("tr.cursor")?.dataset.row;
  const focused = part.contains(document.activeElement) ? document.activeElement.closest("[data-row]")?.dataset.row : null;
  const copy = document.importNode(fresh, true);
  const row = (id) => id && copy.querySelector(`[data-row="${CSS.escape(id)}"]`);
  row(chosen)?.classList.add("chosen");
  row(cursor)?.classList.add("cursor");
  part.replaceWith(copy);
  row(focused)?.querySelector("a")?.focus({ preventScroll: true });
}

const waiting = new Map();

function offer(part, fresh) {
  waiting.set(part.id, fresh);
  const known = ids(part);
  const news = [...ids(fresh)].filter((id) => !known.has(id)).length;
  const button = part.querySelector("#fresh");
  if (!button || news === 0) return;
  button.textContent = `${news} ${button.dataset.one}`;
  button.hidden = false;
  button.onclick = settle;
}

function settle() {
  for (const [id, fresh] of waiting) {
    const part = document.getElementById(id);
    if (part) exchange(part, fresh);
  }
  waiting.clear();
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" }, cache: "no-store" });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") { location.reload(); return; }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const part = document.getElementById(fresh.id);
      if (!part) continue;
      if (held(part)) offer(part, fresh); else { waiting.delete(part.id); exchange(part, fresh); }
    }
  } catch { /* the next version tries again */ } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 1_000); }
  }
}

document.addEventListener("pointerout", (event) => {
  const part = event.target instanceof Element && event.target.closest("[data-hold]");
  if (part && waiting.has(part.id) && !part.contains(event.relatedTarget) && !part.querySelector("details[open]")) settle();
});
document.addEventListener("keydown", (event) => {
  const field = event.target instanceof Element && event.target.closest("input, select, textarea, details[open]");
  if (!field && (event.key === "j" || event.key === "k")) settle();
}, true);

if (url) {
  const events = new EventSource("/events");
  events.addEventListener("version", (event) => {
    heardAt = Date.now();
    document.body.classList.remove("is-stale");
    if (seen !== null && event.data !== seen) refresh();
    seen = event.data;
  });
  events.addEventListener("error", () => {
    // A refused stream does not come back by itself: ask the page, which leads to the sign-in when that is why.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), STALE_MS);
  });
  setInterval(() => document.body.classList.toggle("is-stale", Date.now() - heardAt > STALE_MS), 5_000);
  // Times such as "open 6 min" grow without a commit.
  setInterval(refresh, 60_000);
}
