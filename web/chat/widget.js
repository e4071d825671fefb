// Puts it together: begins when the page is there, and leaves no trace where it may not be shown.
const PRESENCE = 300000, TYPING = 3000, MOST_TRIES = 10;
const SAYS = ["user", "expires", "signature", "name", "email"];

class Chat {
  constructor(data) {
    this.page = { ...data };
    this.here = new Keeping("sessionStorage"); // of this window: is it open, what is half written
    this.wanted = this.here.get("open") === "yes" && !matchMedia(FULL).matches;
    this.lang = document.documentElement.lang;
    new MutationObserver(() => this.pageChanged()).observe(document.documentElement, { childList: true, attributes: true, attributeFilter: ["lang"] });
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("storage", ({ key }) => { if (key === `${KEPT}:pass` && this.connection?.known) this.connection.begin(); });
    setInterval(() => this.panel?.isOpen && this.askPresence(), PRESENCE);
    this.begin();
  }

  get identity() {
    const { user, expires, signature, name = "", email = "" } = this.page;
    return user ? { user, expires, signature, name, email } : null;
  }

  get language() { return this.page.lang || document.documentElement.lang || navigator.language || ""; }
  get draft() { return `draft:${this.page.user ?? ""}`; }

  async hello() {
    const response = await fetch(`${BASE}/hello?lang=${encodeURIComponent(this.language)}`, { credentials: "omit" });
    return response.json();
  }

  async begin() {
    const run = this.run = {}; // whoever began later goes on
    let about = await this.hello().catch(() => ({}));
    for (let tries = 1; !about.words; tries += 1) { // not there yet, or this page may not show it: a browser doesn't say which
      if (tries === 1) console.warn(`deskbridge: no chat here. Is ${self.origin} among its allowed_origins?${self.origin === "null" ? " A sandboxed frame needs allow-same-origin." : ""}`);
      if (tries === MOST_TRIES) return;
      await sleep(Math.min(2000 * 2 ** tries, 120000));
      about = await this.hello().catch(() => ({}));
    }
    if (this.run !== run) return;
    this.stop();
    this.start(about);
    this.say("ready");
  }

  stop() {
    this.connection?.end();
    this.panel?.end();
    this.connection = this.panel = null;
  }

  start(about) {
    Object.assign(this, { read: 0, told: 0, newest: 0, typed: 0, loaded: false });
    const { name = "", email = "" } = this.page;
    this.connection = new Connection({ identity: this.identity, language: about.language, name, email }, this.heard());
    this.sending = new Sending(this.connection, this.sent());
    this.panel = new Panel(about, new Manner(about.language, [this.language, ...navigator.languages]), this.page, this.acts());
    this.panel.composer.text.value = this.here.get(this.draft);
    this.panel.composer.grow();
    this.panel.host.connection = { get way() { return this.of.way; }, of: this.connection };
    if (this.connection.known || this.sending.something) this.goOn();
    if (this.wanted) this.panel.toggle(true, { quiet: true });
  }

  goOn() {
    this.connection.begin();
    this.sending.begin();
  }

  heard() {
    const at = (work) => (...all) => this.panel && work(this.panel, ...all);
    return {
      known: at((panel, session) => { this.read = Math.max(this.read, session.read); panel.showKnown(session); }),
      entry: at((panel, entry) => {
        if (entry.mine) this.sending.forget(entry.id);
        panel.transcript.showEntry(entry, this.loaded);
        if (entry.mine) return;
        this.newest = Math.max(this.newest, entry.seq);
        if (entry.seq > this.read && (!panel.isOpen || document.hidden)) this.count(panel.unread + 1);
        this.look();
      }),
      earlier: at((panel, more) => { panel.transcript.more.hidden = !more; panel.transcript.down(); }),
      seen: at((panel, seq) => { panel.transcript.showSeen(seq); this.loaded = true; }),
      reset: at((panel) => {
        Object.assign(this, { read: 0, told: 0, newest: 0, loaded: false });
        panel.transcript.reset();
        this.count(0);
      }),
      state: at((panel, why) => panel.showTrouble(why && panel.say(why))),
      typing: at((panel) => panel.transcript.showWriting()),
    };
  }

  sent() {
    const at = (work) => (...all) => this.panel && work(this.panel.transcript, ...all);
    return {
      waiting: at((list, item) => list.showWaiting(item)),
      progress: at((list, item, share) => list.showProgress(item, share)),
      slow: at((list, item) => list.showSlow(item)),
      gone: at((list, id) => list.remove(id)),
      failed: at((list, item, why) => list.showFailed(item, this.panel.say(why, { size: this.panel.manner.limit(this.panel.about.fileSize), count: this.panel.about.files }))),
      state: at((_list, why) => this.panel.showTrouble(this.panel.say(why))),
    };
  }

  acts() {
    return {
      open: () => {
        this.here.set("open", "yes");
        this.look();
        if (this.connection.known) this.goOn();
        this.askPresence();
        this.say("open");
      },
      close: () => { this.here.set("open", "no"); this.say("close"); },
      look: () => this.look(),
      draft: (text) => (text ? this.here.set(this.draft, text) : this.here.drop(this.draft)),
      send: (text, files) => this.sending.say(text, files),
      cancel: (id) => {
        const item = this.sending.cancel(id);
        if (item) this.panel.composer.edit(item);
      },
      earlier: (seq) => this.connection.before(seq).catch(() => { this.trouble(); return []; }),
      typing: () => {
        if (!this.connection.running || Date.now() - this.typed < TYPING) return;
        this.typed = Date.now();
        this.connection.post("/notices", { typing: true }).catch(() => {});
      },
      introduce: async (name, email) => {
        try { await this.connection.post("/introduction", { name, email }); this.connection.begin(); return ""; } catch (failure) { return failure.status ? failure.message : "trouble"; }
      },
      fetch: ({ id }) => this.file(id),
      save: async ({ id, name }) => {
        try {
          const bytes = await this.file(id);
          const link = make("a", { href: URL.createObjectURL(bytes), download: plain(name) });
          link.click();
          setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        } catch { this.trouble(); }
      },
    };
  }

  file(id) { return this.connection.asked(`/files/${id}`, { patience: 120000 }, (response) => response.blob()); }
  trouble() { this.panel.transcript.note(this.panel.say("trouble")); }

  // What stands on the screen of an open chat is read.
  look() {
    const { panel, connection } = this;
    if (panel?.isOpen && !document.hidden && panel.unread) this.count(0);
    if (!panel?.seen || this.newest <= Math.max(this.read, this.told)) return;
    const told = this.told = this.newest;
    connection.post("/notices", { read: told }).then(() => { this.read = Math.max(this.read, told); }, () => { this.told = 0; });
  }

  count(unread) {
    this.panel.showUnread(unread);
    this.say("unread", { count: unread });
  }

  askPresence() { this.hello().then(({ presence }) => presence && this.panel?.showPresence(presence), () => {}); }

  pageChanged() {
    this.panel?.attach();
    const { lang } = document.documentElement;
    if (lang === this.lang) return;
    this.lang = lang;
    if (!this.page.lang) this.again({});
  }

  again(changes) {
    this.wanted = this.panel?.isOpen ?? this.wanted;
    Object.assign(this.page, changes);
    this.begin();
  }

  // Of somebody else nothing stays on the screen meanwhile.
  identify(data) {
    const says = Object.fromEntries(SAYS.map((name) => [name, data?.[name]]));
    if (SAYS.every((name) => String(says[name] ?? "") === String(this.page[name] ?? ""))) return;
    for (const name of SAYS) if (says[name] != null) says[name] = String(says[name]);
    const open = this.panel?.isOpen ?? this.wanted;
    this.stop();
    this.wanted = open;
    this.again(says);
  }

  say(what, detail = {}) { dispatchEvent(new CustomEvent(`deskbridge:${what}`, { detail: { chat: this.api, ...detail } })); }

  toggle(open) {
    this.wanted = open;
    this.panel?.toggle(open);
  }

  // What the page may call: docs/web-chat.md.
  get api() {
    return this.facade ??= Object.freeze({
      open: () => this.toggle(true),
      close: () => this.toggle(false),
      identify: (user) => this.identify(user),
      setLanguage: (lang) => this.again({ lang }),
      unread: () => this.panel?.unread ?? 0,
    });
  }
}

function embed() {
  const all = window.deskbridgeChats ??= new Map();
  const there = all.get(BASE);
  if (there) return void there.repeat(SCRIPT.dataset);
  const chat = new Chat(SCRIPT.dataset);
  all.set(BASE, { repeat: (data) => { chat.panel?.attach(); chat.identify(data); } });
  window.deskbridgeChat ??= chat.api;
}

if (!SCRIPT) console.error("deskbridge: the chat has to be loaded by a script element of its own, <script src=…/chat/….js>.");
else if (document.body) embed();
else addEventListener("DOMContentLoaded", embed);
