// Where a visitor writes: a text, files, and an address for when nobody is there.
class Composer {
  // act: {typing, introduce, send, draft}
  constructor({ say, announce, manner, about }, act) {
    Object.assign(this, { say, announce, manner, about, act, chosen: [] });
    this.text = make("textarea", { id: "text", rows: 1, placeholder: say("message"), autocomplete: "off", enterkeyhint: "send", "aria-describedby": "text-wrong" });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !composing(event)) { event.preventDefault(); this.submit(); }
    });
    this.text.addEventListener("input", () => { act.draft(this.text.value); act.typing(); this.grow(); });
    this.text.addEventListener("paste", (event) => this.paste(event));
    this.picker = make("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true", onchange: () => { this.choose([...this.picker.files]); this.picker.value = ""; } });
    this.files = make("ul", { class: "files", hidden: true });
    this.textWrong = make("p", { class: "wrong", id: "text-wrong", hidden: true });
    this.element = make("form", { class: "composer", novalidate: true, onsubmit: pressed(() => this.submit()) },
      this.makeAway(), this.files, this.textWrong, make("label", { for: "text", class: "unseen" }, say("message")),
      make("div", { class: "line" }, icon(CLIP, say("attach"), () => this.picker.click(), { hidden: !about.files }), this.picker, this.text,
        make("button", { type: "submit", class: "send", "aria-label": say("send"), title: say("send"), onclick: pressed(() => this.submit()) }, drawing(PLANE))));
  }

  grow() { // where a browser doesn't do that itself
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.height = "";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
  }

  makeAway() {
    this.name = make("input", { id: "off-name", type: "text", autocomplete: "name", maxlength: 200 });
    this.email = make("input", { id: "off-email", type: "email", autocomplete: "email", maxlength: 254, "aria-describedby": "off-wrong" });
    this.wrong = make("p", { class: "wrong", id: "off-wrong", hidden: true });
    this.away = make("div", { class: "away", hidden: true }, make("label", { for: "off-email" }, this.say("email")), this.email, this.wrong,
      make("label", { for: "off-name" }, this.say("name")), this.name);
    return this.away;
  }

  showWrong(field, place, why) {
    place.hidden = !why;
    place.textContent = why;
    field.setAttribute("aria-invalid", String(Boolean(why)));
    if (why) { field.focus(); this.announce(why); }
  }

  paste(event) { // who copies a table gets its text, not a picture of it
    const { files = [], types = [] } = event.clipboardData ?? {};
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.choose([...files]);
  }

  // A file is read at once: what is moved, changed or a folder could not be sent later.
  async choose(files) {
    const { files: most, fileSize, together } = this.about;
    let why = "";
    for (const file of files) {
      const sum = this.chosen.reduce((total, one) => total + one.size, file.size);
      if (file.size > fileSize || this.chosen.length >= most || sum > together) {
        why = this.say("too-large", { size: this.manner.limit(fileSize), count: most });
        continue;
      }
      try { this.chosen.push(new File([await file.arrayBuffer()], file.name, { type: file.type })); } catch { why = this.say("unreadable", { name: plain(file.name) }); }
    }
    this.showChosen();
    this.showWrong(this.text, this.textWrong, why);
    this.text.focus();
  }

  showChosen() {
    this.files.hidden = !this.chosen.length;
    this.files.replaceChildren(...this.chosen.map((file) => make("li", {}, drawing(FILE), make("span", {}, named(file.name), make("small", {}, this.manner.size(file.size))),
      icon(CROSS, this.say("remove", { name: plain(file.name) }), () => { this.chosen = this.chosen.filter((one) => one !== file); this.showChosen(); this.text.focus(); }, { class: "plain small" }))));
  }

  edit({ text, files }) {
    this.text.value = this.text.value ? `${text}\n${this.text.value}` : text;
    this.chosen.push(...files);
    this.showChosen();
    this.act.draft(this.text.value);
    this.grow();
    this.text.focus();
  }

  async submit() {
    const text = this.text.value.trim();
    if (!text && !this.chosen.length) { this.announce(this.say("empty")); this.text.focus(); return; }
    if ([...text].length > this.about.longest) { this.showWrong(this.text, this.textWrong, this.say("too-long")); return; }
    if (!this.away.hidden) {
      const fault = this.email.value.trim() ? await this.act.introduce(this.name.value, this.email.value.trim()) : "no-address";
      this.showWrong(this.email, this.wrong, fault && this.say(fault));
      if (fault) return;
    }
    if (this.text.value.trim() !== text) return; // sent meanwhile
    this.showWrong(this.text, this.textWrong, "");
    this.act.send(text, this.chosen);
    this.chosen = [];
    this.text.value = "";
    this.act.draft("");
    this.grow();
    this.showChosen();
    this.text.focus();
  }
}
