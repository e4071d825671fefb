// What makes the console quicker by keyboard. Every page works without it.
const field = "input, textarea, select, [contenteditable]";
const go = { i: "i", m: "m", u: "u" };
let waiting = "";

// The last of several: of answers that can be taken back, the newest.
const marked = (key) => [...document.querySelectorAll(`main [data-key="${CSS.escape(key)}"]`)].at(-1);
const listed = (key) => document.querySelector(`nav [data-key="${CSS.escape(key)}"]`);

function choose(step) {
  const rows = [...document.querySelectorAll(".list li")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  row?.querySelector("a")?.focus();
}

function reach(element) {
  if (!element) return false;
  if (element.type === "radio") {
    element.click();
    const shown = [...document.querySelectorAll(".composer textarea")];
    shown.find((one) => one.offsetParent)?.focus();
  } else if (element.matches(field)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.(field) && event.target.type !== "radio";
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.dataset.send !== undefined) {
    event.preventDefault();
    const form = event.target.form;
    form.requestSubmit(form.querySelector("button.primary, button.note"));
    return;
  }
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (waiting === "g" && go[event.key]) {
    waiting = "";
    if (reach(listed(go[event.key]))) event.preventDefault();
    return;
  }
  waiting = event.key === "g" ? "g" : "";
  if (event.key === "j" || event.key === "k") choose(event.key === "j" ? 1 : -1);
  else if (event.key !== "g" && event.key.length === 1 && reach(marked(event.key))) event.preventDefault();
});

// A button beside a choice appears when there is something to set.
document.documentElement.classList.add("quick");
document.addEventListener("input", (event) => event.target.closest(".choice")?.classList.add("changed"));

// What is written stays until it is sent, also over a lost connection or a closed tab.
for (const area of document.querySelectorAll("textarea[data-send]")) {
  const key = `draft ${location.pathname} ${area.id}`;
  area.value ||= sessionStorage.getItem(key) ?? "";
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
  area.form.addEventListener("submit", () => sessionStorage.removeItem(key));
}

// When the time to undo is over, the page shows how the message fared.
const leaves = document.querySelector("[data-leaves]");
if (leaves) {
  setTimeout(() => {
    document.getElementById("announcer").textContent = leaves.dataset.leaves;
    document.dispatchEvent(new Event("desk:stale"));
  }, (Number(leaves.dataset.seconds) + 3) * 1000);
}
