// What a visitor sees: everything is built by hand, so that no word of anybody becomes markup.
const LINK = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function drawing(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true", focusable: "false" })) svg.setAttribute(name, value);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
const BUBBLE = "M4 5h16v11H10l-5 4v-4H4z", CROSS = "M6 6l12 12M18 6L6 18", CLIP = "M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7";

class Panel {
  // about: what /hello has said; act: {open, send, read, introduce, save, retry}
  constructor(about, act) {
    Object.assign(this, { about, act, words: about.words, bubbles: new Map(), chosen: [], unread: 0, email: "" });
    this.host = make("div", { lang: about.language });
    this.frame = make("div", { class: "frame" }); // the page's own rules reach the host, but no further
    this.frame.style.setProperty("--accent", about.colour);
    const root = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.announcer = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.launcher = this.makeLauncher();
    this.panel = this.makePanel();
    this.frame.append(this.panel, this.launcher, this.announcer);
    root.append(this.frame);
    document.body.append(this.host);
    this.showPresence(about.presence);
  }

  say(name, blanks = {}) { return this.words[name].replace(/\{(\w+)\}/g, (_, blank) => blanks[blank] ?? ""); }
  announce(text) { this.announcer.textContent = ""; setTimeout(() => { this.announcer.textContent = text; }, 60); }
  get isOpen() { return !this.panel.hidden; }
  get seen() { return this.isOpen && !document.hidden; }

  makeLauncher() {
    this.badge = make("span", { class: "badge", "aria-hidden": "true", hidden: true });
    return make("button", {
      type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel",
      "aria-label": this.say("open"), onclick: () => this.toggle(!this.isOpen),
    }, drawing(BUBBLE), this.badge);
  }

  makePanel() {
    this.presence = make("p", { class: "presence" });
    this.trouble = make("p", { class: "trouble", hidden: true });
    this.writing = make("p", { class: "writing", hidden: true }, this.say("writing"));
    this.list = make("ol");
    this.scroll = make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": this.say("log") }, this.list, this.writing);
    const heading = make("h2", { id: "title" }, this.about.title);
    const close = make("button", { type: "button", class: "plain", "aria-label": this.say("close"), onclick: () => this.toggle(false) }, drawing(CROSS));
    const panel = make("section", { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", hidden: true },
      make("header", {}, make("div", {}, heading, this.presence), close), this.trouble, this.scroll, this.makeComposer(), this.makeIntroduction());
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); this.toggle(false); } });
    panel.addEventListener("dragover", (event) => event.preventDefault());
    panel.addEventListener("drop", (event) => { event.preventDefault(); this.choose(event.dataTransfer.files); });
    return panel;
  }

  makeComposer() {
    this.text = make("textarea", { id: "text", rows: 1, placeholder: this.say("message"), maxlength: this.about.longest, autocomplete: "off" });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    });
    this.text.addEventListener("input", () => this.act.typing());
    this.text.addEventListener("paste", (event) => this.choose(event.clipboardData?.files ?? []));
    this.picker = make("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true", onchange: () => { this.choose(this.picker.files); this.picker.value = ""; } });
    const attach = make("button", { type: "button", class: "plain", hidden: !this.about.files, "aria-label": this.say("attach"), title: this.say("attach"), onclick: () => this.picker.click() }, drawing(CLIP));
    this.files = make("ul", { class: "files", hidden: true });
    this.offName = make("input", { id: "off-name", type: "text", autocomplete: "name", maxlength: 200 });
    this.offEmail = make("input", { id: "off-email", type: "email", autocomplete: "email", maxlength: 254, "aria-describedby": "off-wrong" });
    this.wrong = make("p", { class: "wrong", id: "off-wrong", hidden: true });
    this.away = make("div", { class: "away", hidden: true }, make("label", { for: "off-email" }, this.say("email")), this.offEmail,
      make("label", { for: "off-name" }, this.say("name")), this.offName);
    return make("form", { class: "composer", novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.away, this.wrong, this.files, make("label", { for: "text", class: "unseen" }, this.say("message")),
      make("div", { class: "line" }, this.text, attach, this.picker, make("button", { type: "submit", class: "send" }, this.say("send"))));
  }

  makeIntroduction() {
    const email = make("input", { id: "mail", type: "email", autocomplete: "email", maxlength: 254, "aria-describedby": "mail-wrong" });
    const wrong = make("p", { class: "wrong", id: "mail-wrong", hidden: true });
    this.mailTo = email;
    this.introduction = make("details", { class: "introduction", hidden: !this.about.byMail },
      make("summary", {}, this.say("by-mail")),
      make("form", { novalidate: true, onsubmit: async (event) => {
        event.preventDefault();
        const fault = await this.act.introduce("", email.value.trim());
        this.showWrong(email, wrong, fault);
        if (!fault) { this.email = email.value.trim(); this.introduction.open = false; this.note(this.say("saved", { email: this.email })); this.text.focus(); }
      } }, make("label", { for: "mail" }, this.say("email")), make("div", { class: "line" }, email, make("button", { type: "submit", class: "second" }, this.say("save"))), wrong));
    return this.introduction;
  }

  showWrong(field, place, fault) {
    place.hidden = !fault;
    place.textContent = fault ? this.say(fault in this.words ? fault : "trouble") : "";
    field.setAttribute("aria-invalid", String(Boolean(fault)));
    if (fault) { field.focus(); this.announce(place.textContent); }
  }

  toggle(open) {
    this.panel.hidden = !open;
    this.launcher.setAttribute("aria-expanded", String(open));
    this.frame.classList.toggle("open", open);
    if (open) { this.text.focus(); this.down(); this.showUnread(0); this.act.open(); } else this.launcher.focus();
  }

  showUnread(count) {
    this.unread = count;
    this.badge.hidden = !count;
    this.badge.textContent = count;
    this.launcher.setAttribute("aria-label", count ? `${this.say("open")}. ${this.say("unread", { count })}` : this.say("open"));
  }

  showPresence(presence) {
    this.open = presence.open;
    this.presence.textContent = presence.open ? this.say("here") : `${this.say("away")}${presence.back ? ` ${this.say("back", { when: presence.back })}` : ""}`;
    this.away.hidden = presence.open || Boolean(this.email);
    this.introduction.hidden = !this.about.byMail || !this.away.hidden || Boolean(this.email);
  }

  showKnown({ email, name, verified, presence }) {
    this.email = email || this.email;
    this.mailTo.value ||= email;
    this.showPresence(presence);
    if (verified && name) this.presence.append(make("span", { class: "who" }, this.say("signed-in", { name })));
  }

  showTrouble(text) {
    if (this.trouble.textContent === text) return;
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
    if (text) this.announce(text);
  }

  choose(files) {
    const { files: most, fileSize } = this.about;
    for (const file of files) {
      if (file.size > fileSize || this.chosen.length >= most) { this.note(this.say("too-large", { size: size(fileSize), count: most })); continue; }
      this.chosen.push(file);
    }
    this.showChosen();
  }

  showChosen() {
    this.files.hidden = !this.chosen.length;
    this.files.replaceChildren(...this.chosen.map((file) => make("li", {}, make("bdi", {}, file.name), ` ${size(file.size)}`,
      make("button", { type: "button", class: "plain small", "aria-label": this.say("remove", { name: file.name }), onclick: () => { this.chosen = this.chosen.filter((one) => one !== file); this.showChosen(); this.text.focus(); } }, drawing(CROSS)))));
  }

  async submit() {
    const text = this.text.value.trim();
    if (!text && !this.chosen.length) { this.announce(this.say("empty")); this.text.focus(); return; }
    if (!this.away.hidden) {
      const fault = this.offEmail.value.trim() ? await this.act.introduce(this.offName.value, this.offEmail.value.trim()) : "not-an-address";
      this.showWrong(this.offEmail, this.wrong, fault);
      if (fault) return;
      this.email = this.offEmail.value.trim();
      this.away.hidden = true;
      this.introduction.hidden = true;
      this.note(this.say("saved", { email: this.email }));
    }
    this.act.send(text, this.chosen);
    this.chosen = [];
    this.text.value = "";
    this.showChosen();
    this.text.focus();
  }

  note(text) {
    this.list.append(make("li", { class: "note" }, text));
    this.announce(text);
    this.down();
  }

  showWaiting(item) {
    const files = item.files.map((file) => make("li", {}, make("bdi", {}, file.name), ` ${size(file.size)}`));
    const bubble = this.bubble("mine", this.say("you"), item.text, item.at, "", files);
    bubble.querySelector(".state").textContent = this.say("sending");
    bubble.classList.add("waiting");
    this.put(item.id, bubble);
  }

  showFailed(item, why) {
    const bubble = this.bubbles.get(item.id);
    const told = this.say(why in this.words ? why : "trouble", { size: size(this.about.fileSize), count: this.about.files });
    if (!bubble) return;
    bubble.classList.replace("waiting", "failed");
    bubble.querySelector(".state").replaceChildren(`${this.say("not-sent")}. ${told} `, make("button", { type: "button", class: "again", onclick: () => { bubble.remove(); this.text.value = item.text; this.text.focus(); } }, this.say("retry")));
    this.announce(`${this.say("not-sent")}. ${told}`);
  }

  showEntry(entry, fresh) {
    const files = entry.files.map((file) => make("li", {}, make("button", { type: "button", class: "again", "aria-label": this.say("download", { name: file.name }), onclick: () => this.act.save(file) }, make("bdi", {}, file.name)), ` ${size(file.size)}`));
    const author = entry.mine ? this.say("you") : entry.author;
    const bubble = this.bubble(entry.mine ? "mine" : "theirs", author, entry.text, entry.at, entry.language, files);
    if (entry.mine) bubble.querySelector(".state").textContent = this.say("sent");
    this.put(entry.mine ? entry.id : `seq-${entry.seq}`, bubble);
    this.writing.hidden = entry.mine ? this.writing.hidden : true;
    if (!entry.mine && fresh) this.announce(this.say("new", { author, text: entry.text || this.say("new-file") }));
  }

  bubble(side, author, text, at, language, files) {
    const time = make("time", { datetime: at }, new Date(at).toLocaleTimeString(this.about.language, { hour: "2-digit", minute: "2-digit" }));
    return make("li", { class: side }, make("p", { class: "author" }, make("bdi", {}, author), " ", time),
      make("div", { class: "said", dir: "auto", lang: language || false }, ...this.linked(text)), files.length ? make("ul", { class: "files" }, ...files) : "", make("p", { class: "state" }));
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

  put(id, bubble) {
    const low = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
    const there = this.bubbles.get(id);
    if (there?.isConnected) there.replaceWith(bubble);
    else this.list.insertBefore(bubble, bubble.classList.contains("waiting") ? null : this.list.querySelector(".waiting"));
    this.bubbles.set(id, bubble);
    if (low || bubble.classList.contains("mine")) this.down();
  }

  down() { this.scroll.scrollTop = this.scroll.scrollHeight; }

  showWriting() {
    this.writing.hidden = false;
    this.down();
    clearTimeout(this.stopped);
    this.stopped = setTimeout(() => { this.writing.hidden = true; }, 6000);
  }
}

function size(bytes) { return bytes < 1000000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1000000).toFixed(1)} MB`; }
