// Where we come from, and what a browser keeps for us.
const SCRIPT = document.currentScript ?? [...document.querySelectorAll("script[src]")].findLast((one) => new URL(one.src).pathname.endsWith(`/chat/${NAME}.js`));
const BASE = SCRIPT?.src.replace(/\.js([?#].*)?$/, "");
const sleep = (time) => new Promise((done) => setTimeout(done, time));
const KEPT = `deskbridge-chat:${BASE}`;

// A browser may forbid a page to keep anything: then it lasts as long as the page does.
class Keeping {
  constructor(kind) {
    this.own = new Map();
    try { this.there = window[kind]; this.there?.setItem(`${KEPT}:?`, ""); this.there?.removeItem(`${KEPT}:?`); }
    catch { this.there = null; }
  }
  get(name) { return this.own.get(name) ?? this.there?.getItem(`${KEPT}:${name}`) ?? ""; }
  set(name, text) {
    this.own.delete(name);
    try { if (this.there) return void this.there.setItem(`${KEPT}:${name}`, text); } catch { /* it is full */ }
    this.own.set(name, text);
  }
  drop(name) { this.own.delete(name); this.there?.removeItem(`${KEPT}:${name}`); }
  names(prefix) {
    const whole = `${KEPT}:${prefix}`;
    const there = this.there ? Object.keys(this.there).filter((key) => key.startsWith(whole)) : [];
    return [...there.map((key) => key.slice(KEPT.length + 1)), ...[...this.own.keys()].filter((key) => key.startsWith(prefix))];
  }
}

// Files that wait to be sent, kept over a reload. Nothing of a signed user's is: others may use this browser.
class Shelf {
  constructor(used) { this.used = used; }

  open() {
    return this.opening ??= new Promise((done) => {
      try {
        const asked = indexedDB.open(KEPT, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("files");
        asked.onsuccess = () => done(asked.result);
        asked.onerror = asked.onblocked = () => done(null);
      } catch { done(null); }
    });
  }

  async act(mode, work) {
    const db = this.used ? await this.open() : null;
    return new Promise((done) => {
      try {
        const all = db.transaction("files", mode);
        const asked = work(all.objectStore("files"));
        all.oncomplete = () => done(asked.result);
        all.onabort = all.onerror = () => done(undefined);
      } catch { done(undefined); }
    });
  }

  put(id, files) { return this.act("readwrite", (all) => all.put(files, id)); }
  get(id) { return this.act("readonly", (all) => all.get(id)); }
  drop(id) { return this.act("readwrite", (all) => all.delete(id)); }
  async forgetAllBut(ids) {
    for (const id of await this.act("readonly", (all) => all.getAllKeys()) ?? []) if (!ids.includes(id)) await this.drop(id);
  }
}
