// What talks to the desk: a session, a queue of what is to be sent, and nudges by whatever way works.
const SCRIPT = document.currentScript;
const BASE = SCRIPT.src.replace(/\.js([?#].*)?$/, "");
const KEPT = `deskbridge-chat:${BASE}`;
const SOON = 500, LATE = 15000, OPENING = 5000, POLL = 4000, TRY_BETTER = 60000, BLOCKED = 300000;
const sleep = (time) => new Promise((done) => setTimeout(done, time));

class Refusal extends Error {
  constructor(status, why, wait) {
    super(why);
    Object.assign(this, { status, wait });
  }
}

// A browser may forbid a page to keep anything: then it lasts as long as the page does.
class Keeping {
  constructor(kind) {
    this.own = new Map();
    try { this.there = window[kind]; this.there?.setItem(`${KEPT}:?`, ""); this.there?.removeItem(`${KEPT}:?`); }
    catch { this.there = null; }
  }
  get(name) { return this.own.get(name) ?? this.there?.getItem(`${KEPT}:${name}`) ?? ""; }
  set(name, text) {
    try { if (this.there) return void this.there.setItem(`${KEPT}:${name}`, text); } catch { /* it is full */ }
    this.own.set(name, text);
  }
  drop(name) { this.own.delete(name); this.there?.removeItem(`${KEPT}:${name}`); }
  names(prefix) {
    const whole = `${KEPT}:${prefix}`;
    const there = this.there ? Object.keys(this.there) : [];
    return there.filter((key) => key.startsWith(whole)).map((key) => key.slice(KEPT.length + 1));
  }
}

class Connection {
  // identity: what the page says of a signed-in user, or null. tell: {entries, state, typing, sent, failed, known}
  constructor(identity, language, tell) {
    Object.assign(this, { identity, language, tell, last: 0, queue: [], ticket: "", until: 0, blocked: {} });
    this.keeping = new Keeping(identity ? "sessionStorage" : "localStorage");
    this.outbox = `out:${identity ? `${identity.user}:` : ""}`;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  get known() { return Boolean(this.identity || this.keeping.get("pass")); }

  async call(path, options = {}) {
    const response = await fetch(BASE + path, { credentials: "omit", cache: "no-store", ...options });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({ error: "trouble" }));
    throw new Refusal(response.status, error, Number(response.headers.get("Retry-After")) || 0);
  }

  async asked(path, options = {}) {
    for (const again of [true, false]) {
      await this.enter();
      const headers = { ...options.headers, Authorization: `Bearer ${this.ticket}` };
      try {
        return await this.call(path, { ...options, headers });
      } catch (failure) {
        if (failure.status !== 401 || !again) throw failure;
        this.ticket = "";
      }
    }
  }

  enter() {
    if (this.ticket && Date.now() < this.until) return Promise.resolve();
    this.entering ??= this.newSession().finally(() => { this.entering = null; });
    return this.entering;
  }

  async newSession() {
    const body = JSON.stringify({
      pass: this.keeping.get("pass"), verified: Boolean(this.verified),
      identity: this.identity, language: this.language,
      name: SCRIPT.dataset.name || "", email: SCRIPT.dataset.email || "",
    });
    const response = await this.call("/session", { method: "POST", body, headers: { "Content-Type": "application/json" } });
    const session = await response.json();
    if (session.pass) this.keeping.set("pass", session.pass);
    this.ticket = session.ticket;
    this.verified = session.verified;
    this.until = Date.now() + (session.goodFor - 60) * 1000;
    this.tell.known(session);
  }

  begin() {
    if (this.running) return;
    this.running = true;
    for (const name of this.keeping.names(this.outbox)) {
      try {
        const kept = JSON.parse(this.keeping.get(name));
        this.queue.push({ ...kept, files: [] });
        this.tell.waiting(this.queue.at(-1));
      } catch { this.keeping.drop(name); }
    }
    this.listen();
    this.pump();
  }

  async listen() {
    let wait = SOON;
    for (;;) {
      try {
        await this.fetchEntries();
        this.tell.state("online");
        wait = SOON;
        for (const way of ["socket", "events", "poll"]) {
          if ((this.blocked[way] || 0) > Date.now()) continue;
          this.way = way;
          if (await this[way]()) break;
          this.blocked[way] = Date.now() + BLOCKED;
          await this.fetchEntries(); // we are reachable, only this way is not
        }
      } catch (failure) {
        this.tell.state(failure.status === 403 ? "refused" : "offline");
        await this.pause(Math.max(wait, (failure.wait || 0) * 1000) * (0.75 + Math.random() / 2));
        wait = Math.min(wait * 2, LATE);
      }
    }
  }

  pause(time) { return Promise.race([sleep(time), new Promise((done) => { this.wake = done; })]); }

  async fetchEntries() {
    for (;;) {
      const { entries } = await (await this.asked(`/entries?after=${this.last}`)).json();
      for (const entry of entries) if (entry.seq > this.last) {
        this.last = entry.seq;
        if (entry.mine) this.confirmed(entry.id);
        this.tell.entry(entry);
      }
      if (entries.length < 200) return;
    }
  }

  // Each way returns whether it has worked at all; it ends when the other side says good bye.
  socket() {
    return new Promise((done) => {
      let worked = false, ws;
      try { ws = new WebSocket(`${BASE.replace(/^http/, "ws")}/socket`); } catch { return done(false); }
      const timer = setTimeout(() => ws.close(), OPENING);
      ws.onopen = () => ws.send(this.ticket);
      ws.onmessage = ({ data }) => {
        worked = true;
        clearTimeout(timer);
        if (this.nudged(JSON.parse(data).news)) ws.close();
      };
      ws.onclose = ({ code }) => { clearTimeout(timer); if (code === 4401) this.ticket = ""; done(worked || code === 4401); };
    });
  }

  async events() {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), OPENING);
    let worked = false;
    try {
      const { body } = await this.asked("/events", { signal: stop.signal });
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return worked;
        text += value;
        const parts = text.split("\n\n");
        text = parts.pop();
        for (const part of parts) if (part.startsWith("data: ")) {
          worked = true;
          clearTimeout(timer);
          if (this.nudged(JSON.parse(part.slice(6)).news)) { stop.abort(); return true; }
        }
      }
    } catch { return worked; } finally { clearTimeout(timer); }
  }

  async poll() {
    for (const until = Date.now() + TRY_BETTER; Date.now() < until;) {
      await this.pause(POLL);
      await this.fetchEntries();
    }
    return true;
  }

  nudged(news) {
    if (news === "typing") this.tell.typing();
    if (news === "entries") this.fetchEntries().catch(() => {});
    return news === "bye";
  }

  say(text, files) {
    const item = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`, text, files, at: new Date().toISOString() };
    this.queue.push(item);
    this.keeping.set(this.outbox + item.id, JSON.stringify({ id: item.id, text, at: item.at, lost: files.length }));
    this.tell.waiting(item);
    this.begin();
    this.pump();
  }

  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    let wait = SOON;
    while (this.queue.length) {
      const item = this.queue[0];
      try {
        if (item.lost && !item.files.length) throw new Refusal(422, "files-lost");
        await this.asked("/messages", { method: "POST", body: this.form(item) });
        this.confirmed(item.id);
        await this.fetchEntries().catch(() => {});
        wait = SOON;
      } catch (failure) {
        if ([400, 403, 413, 422].includes(failure.status)) { this.confirmed(item.id); this.tell.failed(item, failure.message); continue; }
        if (failure.status === 429) this.tell.slow();
        await this.pause(Math.max(wait, (failure.wait || 0) * 1000));
        wait = Math.min(wait * 2, LATE);
      }
    }
    this.pumping = false;
  }

  form({ id, text, files }) {
    const form = new FormData();
    form.set("id", id);
    form.set("text", text);
    form.set("language", this.language);
    form.set("page", location.origin + location.pathname);
    for (const file of files) form.append("files", file, file.name);
    return form;
  }

  confirmed(id) {
    this.queue = this.queue.filter((item) => item.id !== id);
    this.keeping.drop(this.outbox + id);
  }

  post(path, data) {
    return this.asked(path, { method: "POST", body: JSON.stringify(data), headers: { "Content-Type": "application/json" } });
  }
}
