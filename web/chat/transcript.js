// What was said, by day, with how far each message has come.
const TOGETHER = 300000; // what somebody says within five minutes stands together

class Transcript {
  // act: {save, fetch, cancel, edit, earlier, low}
  constructor({ say, announce, manner, longest }, act) {
    Object.assign(this, { say, announce, manner, longest, act, bubbles: new Map(), seenSeq: 0, last: null });
    this.writing = make("p", { class: "writing", hidden: true }, make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")), say("writing"));
    this.more = make("button", { type: "button", class: "second more", hidden: true, onclick: () => this.showEarlier() }, say("earlier"));
    this.hint = make("p", { class: "hint" }, say("hint"));
    this.list = make("ol");
    this.scroll = make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": say("log") }, this.more, this.hint, this.list, this.writing);
    this.jump = make("button", { type: "button", class: "jump", hidden: true, onclick: () => { this.down(); this.scroll.focus(); } }, drawing(DOWN), say("jump"));
    this.scroll.addEventListener("scroll", () => this.moved(), { passive: true });
    const sized = new ResizeObserver(() => { if (this.atEnd) this.down(); this.moved(); });
    for (const one of [this.scroll, this.list]) sized.observe(one);
    this.atEnd = true;
    this.element = make("div", { class: "transcript" }, this.scroll, this.jump);
  }

  moved() {
    const { scrollHeight, clientHeight } = this.scroll;
    const sizes = `${scrollHeight} ${clientHeight}`;
    if (this.isLow || sizes === this.sizes) this.atEnd = this.isLow; // else the window has changed, not the visitor
    this.sizes = sizes;
    if (!this.atEnd) return;
    this.jump.hidden = true;
    this.act.low();
  }

  get isLow() { return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 60; }
  down() { this.scroll.scrollTop = this.scroll.scrollHeight; }

  reset() {
    this.list.replaceChildren();
    this.bubbles.clear();
    Object.assign(this, { seenSeq: 0, last: null });
    this.hint.hidden = false;
  }

  showWaiting(item) {
    const files = item.files.map((file) => this.fileItem(file, () => file, named(file.name)));
    const bubble = this.bubble(item.id, "mine", this.say("you"), item.text, item.at, "", files);
    bubble.classList.add("waiting");
    bubble.item = item;
    this.put(item.id, bubble);
    this.showProgress(item, -1);
    this.down();
  }

  // How much of it is there, of one; -1 where that is not known.
  showProgress(item, share) {
    const some = share >= 0 && share < 1;
    this.showState(item.id, CLOCK, some ? this.say("uploading", { share: this.manner.share(share) }) : this.say("sending"),
      this.act_("cancel", () => this.act.cancel(item.id)));
    const state = this.bubbles.get(item.id)?.querySelector(".state");
    if (some && state) state.prepend(make("progress", { value: share, "aria-hidden": "true" }));
  }

  showSlow(item) {
    this.showState(item.id, CLOCK, this.say("too-much"), this.act_("cancel", () => this.act.cancel(item.id)));
    this.announce(this.say("too-much"));
  }

  showFailed(item, told) {
    const text = `${this.say("not-sent")}. ${told}`;
    this.bubbles.get(item.id)?.classList.replace("waiting", "failed");
    const gone = () => this.remove(item.id);
    this.showState(item.id, WARNING, text, this.act_("edit", () => { gone(); this.act.edit(item); }), this.act_("drop", () => { gone(); this.act.edit(null); }));
    this.announce(text);
  }

  act_(name, onclick) { return make("button", { type: "button", class: "again", onclick }, this.say(name)); }

  showState(id, path, text, ...acts) {
    const state = this.bubbles.get(id)?.querySelector(".state");
    if (!state || state.dataset.told === text) return;
    state.dataset.told = text;
    state.replaceChildren(make("span", {}, drawing(path), text), ...acts);
    if (this.scroll.contains(state) && this.isLow) this.down();
  }

  remove(id) {
    const bubble = this.bubbles.get(id);
    if (!bubble?.item) return; // the desk has it
    const next = bubble.nextElementSibling;
    bubble.remove();
    this.bubbles.delete(id);
    if (next) this.dress(next);
  }

  // fresh: it came while the visitor was there, and is told.
  showEntry(entry, fresh) {
    const author = entry.mine ? this.say("you") : plain(entry.author);
    const id = entry.mine ? entry.id : `seq-${entry.seq}`;
    const waited = this.bubbles.get(id)?.item;
    const low = this.isLow;
    const bubble = this.shown(entry, author, id, waited);
    this.put(id, bubble);
    if (entry.mine) {
      const before = this.last;
      this.last = { id, seq: entry.seq };
      if (before) this.bubbles.get(before.id)?.querySelector(".state").replaceChildren();
      this.showSeen(this.seenSeq);
      if (waited) this.announce(this.say("sent"));
    } else {
      this.writing.hidden = true;
      if (fresh) this.announce(this.say("new", { author, text: entry.text || this.say("new-file") }), entry.language);
    }
    if (low || waited) this.down();
    else if (fresh && !entry.mine) this.jump.hidden = false;
  }

  shown(entry, author, id, waited) {
    const files = entry.files.map((file, n) => this.fileItem(file, () => waited?.files[n] ?? this.act.fetch(file),
      make("button", { type: "button", class: "again", "aria-label": this.say("download", { name: plain(file.name) }), onclick: () => this.act.save(file) }, named(file.name))));
    const bubble = this.bubble(id, entry.mine ? "mine" : "theirs", author, entry.text, entry.at, entry.language, files);
    bubble.seq = entry.seq;
    return bubble;
  }

  showSeen(seq) {
    this.seenSeq = Math.max(this.seenSeq, seq);
    if (!this.last) return;
    const read = this.last.seq <= this.seenSeq;
    this.showState(this.last.id, read ? TWO : ONE, this.say(read ? "read" : "sent"));
  }

  async showEarlier() {
    const first = [...this.list.children].find((one) => one.seq);
    this.more.disabled = true;
    const entries = await this.act.earlier(first?.seq ?? 1);
    this.more.disabled = false;
    const height = this.scroll.scrollHeight;
    for (const entry of entries) {
      const author = entry.mine ? this.say("you") : plain(entry.author);
      const id = entry.mine ? entry.id : `seq-${entry.seq}`;
      const bubble = this.shown(entry, author, id);
      this.bubbles.set(id, bubble);
      this.list.insertBefore(bubble, first ?? null);
      this.dress(bubble);
    }
    if (first) this.dress(first);
    if (entries.length) this.more.hidden = entries[0].seq <= 1;
    this.scroll.scrollTop += this.scroll.scrollHeight - height;
    if (this.more.hidden) this.scroll.focus({ preventScroll: true });
  }

  // A picture is fetched and drawn when it comes into sight.
  fileItem({ name, size }, fetch, told) {
    const item = make("li", {}, drawing(FILE), make("span", {}, told, this.sized(size)));
    if (!PICTURE.test(name) || size > MOST_DRAWN) return item;
    const watching = new IntersectionObserver(async (seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watching.disconnect();
      try {
        const canvas = await drawn(await fetch(), plain(name));
        canvas.onclick = () => item.querySelector("button")?.click();
        item.classList.add("drawn");
        item.prepend(canvas);
      } catch { /* it is none, or out of reach: its name stands there */ }
    }, { root: this.scroll, rootMargin: "200px" });
    watching.observe(item);
    return item;
  }

  sized(size) { return make("small", {}, this.manner.size(size)); }

  bubble(id, side, author, text, at, language, files) {
    const moment = new Date(at);
    const time = make("time", { datetime: at, title: moment.toLocaleString(this.manner.locale) }, this.manner.time(moment));
    const bubble = make("li", { class: side }, make("p", { class: "day", hidden: true }), make("p", { class: "author" }, make("bdi", {}, author), " ", time),
      make("div", { class: "said", dir: "auto", lang: language || false }, ...this.linked(text)), files.length ? make("ul", { class: "files" }, ...files) : "", make("p", { class: "state" }));
    return Object.assign(bubble, { moment, who: `${side} ${author}` });
  }

  linked(text) {
    const parts = [];
    let from = 0;
    for (const found of text.matchAll(LINK)) {
      parts.push(text.slice(from, found.index), make("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow", title: this.say("new-window") }, found[0]));
      from = found.index + found[0].length;
    }
    return [...parts, text.slice(from)];
  }

  note(text) {
    this.list.append(make("li", { class: "note" }, text));
    this.hint.hidden = true;
    this.announce(text);
    this.down();
  }

  put(id, bubble) {
    const there = this.bubbles.get(id);
    const after = there?.nextElementSibling;
    this.hint.hidden = true;
    there?.remove();
    this.list.insertBefore(bubble, bubble.classList.contains("waiting") ? null : this.list.querySelector(".waiting"));
    this.bubbles.set(id, bubble);
    for (const one of [bubble, bubble.nextElementSibling, after]) if (one) this.dress(one);
  }

  // The first of a day says which; what follows soon from the same says its author to those who hear only.
  dress(bubble) {
    if (!bubble.moment) return;
    let before = bubble.previousElementSibling;
    while (before && !before.moment) before = before.previousElementSibling;
    const sameDay = before && before.moment.toDateString() === bubble.moment.toDateString();
    const day = bubble.querySelector(".day");
    day.hidden = Boolean(sameDay);
    const name = this.manner.day(bubble.moment);
    day.textContent = sameDay ? "" : name[0].toLocaleUpperCase(this.manner.locale) + name.slice(1);
    const goesOn = sameDay && before.who === bubble.who && bubble.moment - before.moment < TOGETHER;
    bubble.classList.toggle("goes-on", Boolean(goesOn));
  }

  showWriting() {
    const low = this.isLow;
    this.writing.hidden = false;
    if (low) this.down();
    clearTimeout(this.stopped);
    this.stopped = setTimeout(() => { this.writing.hidden = true; }, 6000);
  }
}
