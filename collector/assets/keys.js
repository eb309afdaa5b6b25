// Keys of the console. Everything they do can be done without them; no key acts while a field has the focus.
const rows = () => [...document.querySelectorAll("[data-row]")];
let at = -1;

function move(step) {
  const all = rows();
  if (!all.length) return;
  const current = all.findIndex((row) => row.classList.contains("cursor"));
  const start = current >= 0 ? current : all.findIndex((row) => row.classList.contains("chosen"));
  at = Math.min(all.length - 1, Math.max(0, (start < 0 && step > 0 ? -1 : Math.max(start, 0)) + step));
  all.forEach((row, index) => row.classList.toggle("cursor", index === at));
  const link = all[at].querySelector("a");
  if (link) link.focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

function act(letter) {
  const target = document.querySelector(`[data-act="${letter}"]`);
  if (!target) return false;
  if (target instanceof HTMLFormElement) {
    target.requestSubmit();
  } else {
    target.open = true;
    const field = target.querySelector("form input:not([type=hidden]), form button");
    if (field) field.focus();
    target.scrollIntoView({ block: "nearest" });
  }
  return true;
}

const help = document.getElementById("help");
const opener = document.getElementById("help-open");
if (help && opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
}

document.addEventListener("keydown", (event) => {
  const field = event.target instanceof Element && event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && field && field.id === "search") field.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  let done = true;
  switch (event.key) {
    case "/": document.getElementById("search")?.focus(); break;
    case "j": move(1); break;
    case "k": move(-1); break;
    case "?": if (help) help.showModal(); break;
    case "Escape": document.querySelector(".detail.over .shut")?.click(); break;
    case "a": case "s": case "n": case "c": done = act(event.key); break;
    default: done = false;
  }
  if (done) event.preventDefault();
});

// A choice of customer applies itself; its button stays for those without script.
document.addEventListener("change", (event) => {
  if (event.target.matches("form.inline select")) event.target.form.requestSubmit();
});
