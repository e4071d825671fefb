// On the page of a chat's inquiry: tells the visitor that somebody is writing, and has read; and the other way round.
const line = document.querySelector("[data-chat]");
const answer = document.getElementById("answer");
let written = answer?.value ?? "";
let told = 0;

function show({ writing = false, here = false, mail = "" }) {
  const shown = { writing, here: here && !writing, mail };
  for (const [name, it] of Object.entries(shown)) line.querySelector(`[data-visitor=${name}]`).hidden = !it;
  line.querySelector("bdi").textContent = mail;
  line.hidden = !Object.values(shown).some(Boolean);
}

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
        show(await response.json());
        told = newest;
      }
    } catch { show({}); }
  }
  setTimeout(look, 2500);
}
if (line) look();
document.addEventListener("visibilitychange", () => document.hidden && line && show({}));
