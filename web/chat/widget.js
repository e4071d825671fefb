// Puts the two together: begins when the page is there, and leaves no trace where it may not be shown.
const PRESENCE = 300000, TYPING = 3000, MOST_TRIES = 10;

async function begin() {
  const { user, expires, signature, name = "", email = "", lang } = SCRIPT.dataset;
  const identity = user ? { user, expires, signature, name, email } : null;
  const language = lang || document.documentElement.lang || navigator.language || "";
  const hello = async () => (await fetch(`${BASE}/hello?lang=${encodeURIComponent(language)}`, { credentials: "omit" })).json();
  let about = await hello().catch(() => ({}));
  for (let tries = 1; !about.words; tries += 1) { // not there yet, or this page may not show it: a browser doesn't say which
    if (tries === 1) console.warn(`deskbridge: no chat here. Is ${location.origin} among its allowed_origins?`);
    if (tries === MOST_TRIES) return;
    await sleep(Math.min(2000 * 2 ** tries, 120000));
    about = await hello().catch(() => ({}));
  }
  let read = 0, loaded = false, typed = 0, told = 0, newest = 0;

  const tellRead = () => {
    if (!panel.seen || newest <= Math.max(read, told)) return;
    told = newest;
    connection.post("/notices", { read: told }).then(() => { read = Math.max(read, told); }, () => { told = 0; });
  };
  const connection = new Connection(identity, about.language, {
    known: (session) => { read = Math.max(read, session.read); panel.showKnown(session); },
    entry: (entry) => {
      panel.showEntry(entry, loaded);
      if (entry.mine) return;
      newest = Math.max(newest, entry.seq);
      if (entry.seq > read && !panel.isOpen) panel.showUnread(panel.unread + 1);
      tellRead();
    },
    waiting: (item) => panel.showWaiting(item),
    failed: (item, why) => panel.showFailed(item, why),
    slow: () => panel.showTrouble(panel.say("too-much")),
    state: (state) => {
      if (state === "online") loaded = true;
      panel.showTrouble({ online: "", offline: panel.say("offline"), refused: panel.say("expired") }[state]);
    },
    typing: () => panel.showWriting(),
  });
  const panel = new Panel(about, {
    open: () => {
      tellRead();
      if (connection.known) connection.begin();
      hello().then(({ presence }) => presence && panel.showPresence(presence), () => {});
    },
    send: (text, files) => connection.say(text, files),
    typing: () => {
      if (!connection.running || Date.now() - typed < TYPING) return;
      typed = Date.now();
      connection.post("/notices", { typing: true }).catch(() => {});
    },
    introduce: async (said, address) => {
      try { await connection.post("/introduction", { name: said, email: address }); connection.begin(); return ""; } catch (failure) { return failure.message || "trouble"; }
    },
    save: async ({ id, name: called }) => {
      try {
        const link = make("a", { href: URL.createObjectURL(await (await connection.asked(`/files/${id}`)).blob()), download: called });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      } catch { panel.note(panel.say("trouble")); }
    },
  });
  document.addEventListener("visibilitychange", tellRead);
  setInterval(() => { if (panel.isOpen) hello().then(({ presence }) => presence && panel.showPresence(presence), () => {}); }, PRESENCE);
  if (connection.known || connection.keeping.names(connection.outbox).length) connection.begin();
  panel.host.connection = { get way() { return connection.way; } };
}

if (!window.deskbridgeChats?.has(BASE)) {
  (window.deskbridgeChats ??= new Set()).add(BASE);
  if (document.body) begin(); else addEventListener("DOMContentLoaded", begin);
}
