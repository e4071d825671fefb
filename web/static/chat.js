// On the page of a chat's inquiry: tells the visitor that somebody is writing, and the other way round.
const line = document.querySelector("[data-chat]");
const answer = document.getElementById("answer");
let written = answer?.value ?? "";

async function look() {
  if (!document.hidden) {
    const now = answer?.value ?? "";
    const body = new URLSearchParams({ writing: now !== written ? "yes" : "no" });
    written = now;
    try {
      const response = await fetch(line.dataset.chat, { method: "POST", body });
      if (response.ok) line.hidden = !(await response.json()).visitor;
    } catch { line.hidden = true; }
  }
  setTimeout(look, 3000);
}
if (line) look();
