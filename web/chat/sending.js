// What is to be sent: kept until the desk has it, sent one after the other, again until it is there.
const STALLED = 60000;

class Sending {
  // tell: {waiting, progress, slow, failed, gone, state}
  constructor(connection, tell) {
    const { identity } = connection;
    Object.assign(this, { connection, tell, queue: [], keeping: connection.keeping, shelf: new Shelf(!identity) });
    this.prefix = `out:${identity ? `${encodeURIComponent(identity.user)}:` : ""}`;
  }

  get something() { return this.keeping.names(this.prefix).length > 0; }

  begin() {
    this.ready ??= this.restore();
    this.pump();
  }

  async restore() {
    const kept = [];
    for (const name of this.keeping.names(this.prefix)) {
      try { kept.push(JSON.parse(this.keeping.get(name))); } catch { this.keeping.drop(name); }
    }
    kept.sort((one, other) => one.n - other.n);
    for (const item of kept) item.files = item.lost ? await this.shelf.get(item.id) ?? [] : [];
    const mine = new Set(this.queue.map(({ id }) => id));
    this.queue.unshift(...kept.filter(({ id }) => !mine.has(id)));
    for (const item of this.queue) this.tell.waiting(item);
    await this.shelf.forgetAllBut(this.queue.map(({ id }) => id));
  }

  say(text, files) {
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const item = { id, n: Math.max(Date.now() * 100, (this.queue.at(-1)?.n ?? 0) + 1), text, at: new Date().toISOString(), lost: files.length };
    this.keeping.set(this.prefix + id, JSON.stringify(item));
    if (files.length) this.shelf.put(id, files);
    item.files = files;
    this.queue.push(item);
    this.tell.waiting(item);
    this.connection.begin();
    this.begin();
  }

  // What has left already may have arrived: then the transcript has it.
  cancel(id) {
    const item = this.queue.find((one) => one.id === id);
    this.forget(id);
    item?.stop?.();
    this.tell.gone(id);
    this.connection.wake();
    this.connection.fetchEntries().catch(() => {});
    return item;
  }

  forget(id) {
    this.queue = this.queue.filter((item) => item.id !== id);
    this.keeping.drop(this.prefix + id);
    this.shelf.drop(id);
  }

  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    await this.ready;
    for (let wait = SOON; this.queue.length && !this.connection.ended;) {
      const item = this.queue[0];
      try {
        if (item.lost > item.files.length) throw new Refusal(422, "files-lost");
        await this.connection.withTicket((headers) => this.upload(item, headers));
        this.forget(item.id);
        await this.connection.fetchEntries().catch(() => {});
        wait = SOON;
      } catch (failure) {
        if (!this.queue.includes(item)) continue;
        if ([400, 413, 422].includes(failure.status)) {
          this.forget(item.id);
          this.tell.failed(item, failure.message);
          continue;
        }
        if (failure.status === 429) this.tell.slow(item);
        else this.tell.progress(item, -1);
        if (failure.status === 403) this.tell.state("expired");
        if (!failure.status) this.tell.state("offline");
        const until = performance.now() + Math.max(wait, failure.wait || 0); // whatever clock the visitor has
        do await this.connection.pause(until - performance.now());
        while (failure.wait && performance.now() < until && this.queue[0] === item && !this.connection.ended);
        wait = Math.min(wait * 2, LATE);
      }
    }
    this.pumping = false;
  }

  upload(item, headers) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      let timer;
      const patient = () => { clearTimeout(timer); timer = setTimeout(() => request.abort(), STALLED); };
      const end = () => { clearTimeout(timer); item.stop = null; };
      item.stop = () => request.abort();
      request.open("POST", `${BASE}/messages`);
      for (const [name, text] of Object.entries(headers)) request.setRequestHeader(name, text);
      request.upload.onprogress = ({ loaded, total }) => { patient(); if (item.files.length) this.tell.progress(item, loaded / total); };
      request.onerror = request.onabort = () => { end(); failed(new Error("the line broke")); };
      request.onload = () => {
        end();
        if (request.status === 200) return done();
        let why = "trouble";
        try { why = JSON.parse(request.responseText).error ?? why; } catch { /* a proxy said so */ }
        failed(new Refusal(request.status, why, request.getResponseHeader("Retry-After")));
      };
      patient();
      request.send(this.form(item));
    });
  }

  form({ id, text, files }) {
    const form = new FormData();
    form.set("id", id);
    form.set("text", text);
    form.set("language", this.connection.language);
    form.set("page", location.origin + location.pathname);
    for (const file of files) form.append("files", file, file.name);
    return form;
  }
}
