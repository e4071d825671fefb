// The launcher, and the panel that it opens.
const FULL = "(max-width: 30em), (max-height: 26.25em)"; // as in the style

class Panel {
  // about: what /hello has said; manner: how dates are written; page: what its tag says. act: {open, close, send, typing, introduce, save, cancel, earlier, draft, look}
  constructor(about, manner, page, act) {
    const { side, launcher } = page;
    const words = { say: (name, blanks) => this.say(name, blanks), announce: (text, lang) => this.announce(text, lang), manner, about };
    Object.assign(this, { about, manner, act, words: about.words, unread: 0, email: "", vouchedFor: false, news: [] });
    this.over = new AbortController();
    this.host = make("div", { lang: about.language });
    this.frame = make("div", { class: "frame", dir: "ltr" }); // the page's own rules reach the host, but no further
    this.frame.style.setProperty("--accent", about.colour);
    this.frame.classList.toggle("left", side === "left");
    this.frame.classList.toggle("bare", launcher === "none");
    const root = this.host.attachShadow({ mode: "open" });
    this.dress(root);
    this.announcer = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.transcript = new Transcript(words, { ...act, low: act.look, edit: (item) => item ? this.composer.edit(item) : this.composer.text.focus() });
    this.composer = new Composer(words, { ...act, introduce: (name, email) => this.introduce(name, email) });
    this.launcher = this.makeLauncher();
    this.panel = this.makePanel();
    this.frame.append(this.panel, this.launcher, this.announcer);
    for (const kind of ["keydown", "keypress", "keyup"]) this.frame.addEventListener(kind, (event) => event.stopPropagation()); // the page has its own keys
    root.append(this.frame);
    this.attach();
    this.fit();
    this.showPresence(about.presence);
  }

  say(name, blanks = {}) { return (this.words[name] ?? this.words.trouble).replace(/\{(\w+)\}/g, (_, blank) => blanks[blank] ?? ""); }
  get isOpen() { return !this.panel.hidden; }
  get seen() { return this.isOpen && !document.hidden && this.transcript.isLow; }
  get isFull() { return matchMedia(FULL).matches; }

  dress(root) {
    try { // no policy of the page forbids this; older browsers can't
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch { root.append(make("style", {}, STYLE)); }
  }

  // Beside the body: what a page does to that, or replaces it by, is not ours.
  attach() { if (!this.host.isConnected) document.documentElement.append(this.host); }

  end() {
    this.over.abort();
    this.host.remove();
  }

  announce(text, lang = "") {
    this.news.push(make("p", { lang: lang || false }, text));
    clearTimeout(this.telling);
    this.announcer.replaceChildren();
    this.telling = setTimeout(() => { this.announcer.replaceChildren(...this.news.splice(0).slice(-5)); }, 80);
  }

  makeLauncher() {
    this.badge = make("span", { class: "badge", "aria-hidden": "true", hidden: true });
    return make("button", {
      type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-controls": "panel",
      "aria-label": this.say("open"), onclick: () => this.toggle(!this.isOpen),
    }, drawing(BUBBLE), drawing(DOWN), this.badge);
  }

  makePanel() {
    this.presence = make("p", { class: "presence" });
    this.who = make("p", { class: "who", hidden: true });
    this.trouble = make("p", { class: "trouble", hidden: true });
    const heading = make("h2", { id: "title" }, this.about.title);
    const drop = make("p", { class: "drop", "aria-hidden": "true" }, drawing(CLIP), this.say("drop-here"));
    const panel = make("section", { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: true },
      make("header", {}, make("div", {}, heading, this.presence, this.who), icon(CROSS, this.say("close"), () => this.toggle(false))),
      this.trouble, this.transcript.element, this.composer.element, this.makeIntroduction(), drop);
    panel.addEventListener("keydown", (event) => this.key(event));
    this.takeDrops(panel);
    return panel;
  }

  takeDrops(panel) {
    const files = (event) => this.about.files && event.dataTransfer?.types.includes("Files");
    const over = (is) => panel.classList.toggle("dropping", is);
    panel.addEventListener("dragover", (event) => { if (files(event)) { event.preventDefault(); over(true); } });
    panel.addEventListener("dragleave", (event) => { if (!panel.contains(event.relatedTarget)) over(false); });
    panel.addEventListener("drop", (event) => {
      over(false);
      if (!files(event)) return;
      event.preventDefault();
      this.composer.choose([...event.dataTransfer.files]);
    });
  }

  makeIntroduction() {
    const wrong = make("p", { class: "wrong", id: "mail-wrong", hidden: true });
    this.mailTo = make("input", { id: "mail", type: "email", autocomplete: "email", maxlength: 254, "aria-describedby": "mail-wrong" });
    this.introduction = make("details", { class: "introduction", hidden: !this.about.byMail },
      this.mailWhere = make("summary"),
      make("form", { novalidate: true, onsubmit: pressed(() => this.saveMail(wrong)) }, make("label", { for: "mail" }, this.say("email")), make("div", { class: "line" }, this.mailTo,
        make("button", { type: "submit", class: "second", onclick: pressed(() => this.saveMail(wrong)) }, this.say("save"))), wrong));
    return this.introduction;
  }

  async saveMail(wrong) {
    const email = this.mailTo.value.trim();
    const fault = email ? await this.introduce("", email) : "no-address";
    this.composer.showWrong(this.mailTo, wrong, fault && this.say(fault));
    if (!fault) { this.introduction.open = false; this.composer.text.focus(); }
  }

  // Returns what is wrong with it, "" where nothing is.
  async introduce(name, email) {
    const fault = await this.act.introduce(name, email);
    if (fault) return fault;
    this.email = email;
    this.mailTo.value = email;
    this.showPresence(this.about.presence);
    if (this.about.byMail) this.transcript.note(this.say("saved", { email }));
    return "";
  }

  // Over the whole screen nothing behind it is reached by Tab.
  key(event) {
    if (event.key === "Escape" && !composing(event)) { event.stopPropagation(); return this.toggle(false); }
    if (event.key !== "Tab" || !this.isFull) return;
    const all = [...this.panel.querySelectorAll("button, textarea, input, summary, a, [tabindex='0']")].filter((one) => one.tabIndex >= 0 && one.checkVisibility() && !one.disabled);
    const at = this.host.shadowRoot.activeElement;
    if (at === (event.shiftKey ? all[0] : all.at(-1)) || at === this.panel) {
      event.preventDefault();
      (event.shiftKey ? all.at(-1) : all[0])?.focus();
    }
  }

  // An on-screen keyboard takes its part of the screen: what is left is the panel's.
  fit() {
    const view = window.visualViewport;
    const listening = { signal: this.over.signal };
    const fit = () => {
      const whole = !view || view.scale > 1.05; // who has zoomed in moves about in it
      this.panel.style.setProperty("--top", whole ? "0px" : `${view.offsetTop}px`);
      this.panel.style.setProperty("--height", whole ? "100%" : `${view.height}px`);
    };
    view?.addEventListener("resize", fit, listening);
    view?.addEventListener("scroll", fit, listening);
    matchMedia(FULL).addEventListener("change", () => this.setModal(), listening);
    fit();
  }

  setModal() { this.panel.setAttribute("aria-modal", String(this.isFull)); }

  toggle(open, { quiet = false } = {}) {
    if (open === this.isOpen) return;
    this.panel.hidden = !open;
    this.launcher.setAttribute("aria-label", this.say(open ? "close" : "open"));
    this.frame.classList.toggle("open", open);
    this.setModal();
    if (open) this.transcript.down();
    if (!quiet) {
      const soft = matchMedia("(pointer: coarse)").matches; // don't let a keyboard cover what was said
      if (open) { this.before = document.activeElement; (soft ? this.panel : this.composer.text).focus(); }
      else (this.launcher.checkVisibility() ? this.launcher : this.before)?.focus();
    }
    if (open) this.act.open();
    else this.act.close();
  }

  showUnread(count) {
    this.unread = count;
    this.badge.hidden = !count;
    this.badge.textContent = count > 99 ? "99+" : count;
    if (!this.isOpen) this.launcher.setAttribute("aria-label", count ? `${this.say("open")}. ${this.say("unread", { count })}` : this.say("open"));
  }

  showPresence(presence) {
    this.about.presence = presence;
    this.presence.textContent = presence.open ? this.say("here") : `${this.say("away")} ${this.back(presence.back)}`.trim();
    this.presence.classList.toggle("absent", !presence.open);
    this.transcript.hint.textContent = presence.open ? this.say("hint") : "";
    this.composer.away.hidden = presence.open || Boolean(this.email);
    this.introduction.hidden = !this.about.byMail || !this.composer.away.hidden || this.vouchedFor; // an address with a slip in it can be put right
    this.mailWhere.textContent = this.email ? `${this.say("email")}: ${plain(this.email)}` : this.say("by-mail");
  }

  back(text) {
    if (!text) return "";
    const at = new Date(text);
    const soon = this.manner.away(at) < 2;
    return this.say(soon ? "back-soon" : "back", { day: this.manner.day(at), time: this.manner.time(at) });
  }

  showKnown({ email, name, verified, presence }) {
    this.email = email || this.email;
    this.mailTo.value ||= email;
    this.vouchedFor = verified && Boolean(email);
    this.showPresence(presence);
    this.who.hidden = !(verified && name);
    this.who.textContent = this.who.hidden ? "" : this.say("signed-in", { name: plain(name) });
  }

  showTrouble(text) {
    if (this.trouble.textContent === text) return;
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
    if (text && this.isOpen) this.announce(text);
  }
}
