// On the page of a chat's inquiry: tells the visitor that somebody is writing, and has read; and the other way round.
const line = document.querySelector("[data-chat]");
const answer = document.getElementById("answer");
let written = answer?.value ?? "";
let told = 0;

async function look() {
  if (!document.hidden) {
    const now = answer?.value ?? "";
    const newest = Math.max(0, ...[...document.querySelectorAll(".entry.in")].map((one) => Number(one.id.replace("message-", ""))));
    const body = new URLSearchParams({ writing: now !== written && now ? "yes" : "no" });
    if (newest > told) body.set("seen", newest);
    written = now;
    try {
      const response = await fetch(line.dataset.chat, { method: "POST", body });
      if (response.ok) {
        line.hidden = !(await response.json()).visitor;
        told = newest;
      }
    } catch { line.hidden = true; }
  }
  setTimeout(look, 2500);
}
if (line) look();
document.addEventListener("visibilitychange", () => document.hidden && line && (line.hidden = true));
