// What talks to the desk: a session, the transcript, and nudges by whatever way works.
const SOON = 500, LATE = 15000, OPENING = 5000, POLL = 4000, TRY_BETTER = 60000, BLOCKED = 300000;
const PATIENCE = 20000, TICK = 5000, NAP = 25000, SILENT = 50000, MOST = 200; // the desk says something every 20 s
const TOLD = { 403: "expired", 429: "too-much" };

class Refusal extends Error {
  constructor(status, why, wait) {
    super(why);
    Object.assign(this, { status, wait: (Number(wait) || 0) * 1000 });
  }
}

class Connection {
  // about: {identity, language, name, email}. tell: {known, entry, earlier, seen, reset, state, typing}
  constructor(about, tell) {
    Object.assign(this, { ...about, tell, last: -1, ticket: "", until: 0, blocked: {}, wakers: new Set(), heard: Date.now() });
    this.keeping = new Keeping(this.identity ? "sessionStorage" : "localStorage");
    this.over = new AbortController();
    const listening = { signal: this.over.signal };
    addEventListener("online", () => this.stir(), listening);
    addEventListener("offline", () => this.running && this.tell.state("offline"), listening);
    document.addEventListener("visibilitychange", () => document.hidden || this.stir(), listening);
    addEventListener("pagehide", () => { this.away = true; this.hangUp?.(); }, listening);
    addEventListener("pageshow", () => { if (this.away) { this.away = false; this.stir(); } }, listening);
    let ticked = Date.now();
    this.ticking = setInterval(() => {
      const slept = Date.now() - ticked > NAP;
      ticked = Date.now();
      this.heard = Math.min(this.heard, ticked); // somebody has put the clock back
      if (ticked - this.heard > SILENT) this.hangUp?.();
      else if (slept && !document.hidden) this.stir();
    }, TICK);
  }

  get known() { return Boolean(this.identity || this.keeping.get("pass")); }
  get ended() { return this.over.signal.aborted; }

  end() {
    this.over.abort();
    clearInterval(this.ticking);
    this.hangUp?.();
    this.wake();
  }

  // Somebody is back: is the line still alive?
  stir() {
    this.wake();
    if (!this.running || this.away) return;
    if (Date.now() - this.heard > NAP) this.hangUp?.();
    else this.fetchEntries().catch(() => this.hangUp?.());
  }

  pause(time) {
    return new Promise((done) => {
      const end = () => { clearTimeout(timer); this.wakers.delete(end); done(); };
      const timer = setTimeout(end, time);
      this.wakers.add(end);
    });
  }

  wake() { for (const one of [...this.wakers]) one(); }

  async call(path, { stop = new AbortController(), patience = PATIENCE, ...options } = {}, take = (response) => response.json()) {
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      const response = await fetch(BASE + path, { credentials: "omit", cache: "no-store", signal: stop.signal, ...options });
      if (response.ok) return await take(response);
      const { error } = await response.json().catch(() => ({}));
      throw new Refusal(response.status, error ?? "trouble", response.headers.get("Retry-After"));
    } finally { clearTimeout(timer); }
  }

  async withTicket(work) {
    for (const again of [true, false]) {
      await this.enter();
      try { return await work({ Authorization: `Bearer ${this.ticket}` }); } catch (failure) {
        if (failure.status !== 401 || !again) throw failure;
        this.ticket = "";
      }
    }
  }

  asked(path, options = {}, take) {
    return this.withTicket((headers) => this.call(path, { ...options, headers: { ...options.headers, ...headers } }, take));
  }

  post(path, data) {
    return this.asked(path, { method: "POST", body: JSON.stringify(data), headers: { "Content-Type": "application/json" } });
  }

  enter() {
    if (this.ticket && Date.now() < this.until) return Promise.resolve();
    this.entering ??= this.newSession().finally(() => { this.entering = null; });
    return this.entering;
  }

  async newSession() {
    const { identity, language, name, email } = this;
    // Made here and kept before anybody is asked: other windows, and whoever has to ask again, are the same visitor.
    if (!identity && !this.keeping.get("pass")) this.keeping.set("pass", [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join(""));
    const body = JSON.stringify({ pass: this.keeping.get("pass"), verified: Boolean(this.verified), identity, language, name, email });
    const session = await this.call("/session", { method: "POST", body, headers: { "Content-Type": "application/json" } });
    if (this.ended) throw new Refusal(0, "ended");
    if (session.pass) this.keeping.set("pass", session.pass);
    const [visitor] = session.ticket.split(".");
    if (this.visitor && this.visitor !== visitor) { // somebody has emptied the browser's storage
      this.last = -1;
      this.tell.reset();
    }
    Object.assign(this, { visitor, ticket: session.ticket, verified: session.verified, until: Date.now() + (session.goodFor - 60) * 1000 });
    this.tell.known(session);
  }

  begin() {
    if (this.running || this.ended) return;
    this.running = true;
    this.listen();
  }

  async listen() {
    for (let wait = SOON; !this.ended;) {
      try {
        if (this.away) { await this.pause(LATE); continue; }
        await this.fetchEntries();
        wait = SOON;
        for (const way of ["socket", "events", "poll"]) {
          if ((this.blocked[way] || 0) > Date.now()) continue;
          Object.assign(this, { way, heard: Date.now() });
          if (await this[way]() || this.ended) break;
          this.blocked[way] = Date.now() + BLOCKED;
          await this.fetchEntries(); // we are reachable, only this way is not
        }
      } catch (failure) {
        if (this.ended) return;
        this.tell.state(TOLD[failure.status] ?? "offline");
        await this.pause(Math.max(wait, failure.wait || 0) * (0.75 + Math.random() / 2));
        wait = Math.min(wait * 2, LATE);
      }
    }
  }

  // It begins with the newest page; from then on with what follows the last entry that is there.
  async fetchEntries() {
    for (;;) {
      const from = this.last;
      const { entries, seen } = await this.asked(from < 0 ? "/entries" : `/entries?after=${from}`);
      if (this.ended) return;
      if (from >= 0 && this.last < 0) continue; // this was asked as somebody else
      if (from < 0 && this.last < 0) this.tell.earlier((entries[0]?.seq ?? 1) > 1);
      for (const entry of entries) if (entry.seq > this.last) {
        this.last = entry.seq;
        this.tell.entry(entry);
      }
      this.last = Math.max(this.last, 0);
      this.tell.seen(seen);
      this.tell.state("");
      if (from < 0 || entries.length < MOST) return;
    }
  }

  async before(seq) { return (await this.asked(`/entries?before=${seq}`)).entries; }

  // Each way returns whether it has worked at all; it ends when the other side says good bye.
  socket() {
    return new Promise((done) => {
      let worked = false, ws;
      const end = (well) => { clearTimeout(timer); this.hangUp = null; ws.onmessage = ws.onclose = null; ws.close(); done(well); };
      try { ws = new WebSocket(`${BASE.replace(/^http/, "ws")}/socket`); } catch { return done(false); }
      const timer = setTimeout(() => end(false), OPENING);
      this.hangUp = () => end(true);
      ws.onopen = () => ws.send(this.ticket);
      ws.onmessage = ({ data }) => {
        worked = true;
        clearTimeout(timer);
        if (this.nudged(data)) end(true);
      };
      ws.onclose = ({ code }) => {
        if (code === 4401) this.ticket = "";
        end(worked || code === 4401);
      };
    });
  }

  async events() {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), OPENING);
    let worked = false;
    this.hangUp = () => { worked = true; stop.abort(); };
    try {
      const body = await this.asked("/events", { stop }, (response) => response.body);
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return worked;
        const parts = (text + value).split("\n\n");
        text = parts.pop();
        for (const part of parts) if (part.startsWith("data: ")) {
          worked = true;
          clearTimeout(timer);
          if (this.nudged(part.slice(6))) return true;
        }
      }
    } catch { return worked; } finally { clearTimeout(timer); this.hangUp = null; stop.abort(); }
  }

  async poll() {
    for (const until = Date.now() + TRY_BETTER; Date.now() < until && !this.ended;) {
      await this.pause(POLL);
      await this.fetchEntries();
      this.heard = Date.now();
    }
    return true;
  }

  nudged(data) {
    const { news } = JSON.parse(data);
    this.heard = Date.now();
    if (news === "typing") this.tell.typing();
    if (news === "entries") this.fetchEntries().catch(() => this.hangUp?.());
    return news === "bye";
  }
}
