// Keeps an open page true. What changed is fetched and put in place; what somebody types, chooses,
// selects or points at stays. One tab of a browser holds the stream, and passes on what it hears.
const announcer = document.getElementById("announcer");
const here = announcer.dataset.inquiry;
const seen = document.querySelector("input[name=seen_event]");
const answer = document.getElementById("answer");
const listed = document.querySelector("[data-live=rows], [data-live=outbox]");
const heading = document.title;
const tab = crypto.getRandomValues(new Uint32Array(4)).join("-");
const channel = "BroadcastChannel" in window ? new BroadcastChannel("desk") : null;
const reachable = "a, button, summary, input:not([type=hidden]), select, textarea, iframe";
const typed = "input:not([type=hidden]), select, textarea";
let newest = Number(announcer.dataset.event);

// Fetching: the page itself, or only what changes on every page; never two at a time.
let wanted = null;
let timer = 0;
let at = 0;
let fetching = false;

function want(whole, wait) {
  wanted = Boolean(wanted || whole);
  const due = Date.now() + (document.hidden ? 5000 : wait) + Math.random() * 200;
  if (timer && at <= due) return;
  clearTimeout(timer);
  at = due;
  timer = setTimeout(refresh, due - Date.now());
}

async function refresh() {
  timer = 0;
  if (fetching) return want(false, 300);
  const whole = wanted;
  wanted = null;
  fetching = true;
  try {
    const reply = await fetch(whole ? location.href : "/live/now");
    const out = reply.redirected && new URL(reply.url).pathname === "/sign-in";
    document.getElementById("signed-out").hidden = !out;
    if (out) return;
    if (!reply.ok) throw new Error(reply.status);
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!put(fresh) && whole) want(true, 4000);
  } catch {
    want(whole, 5000);
  } finally {
    fetching = false;
  }
}

// Putting in place. Each returns whether all of it could be: what is in use has to wait.
function put(fresh) {
  const active = document.activeElement;
  const stay = anchored(active);
  const news = { said: [], arrived: [] };
  let all = true;
  for (const old of document.querySelectorAll("[data-live]")) {
    const name = old.dataset.live;
    const next = fresh.querySelector(`[data-live="${CSS.escape(name)}"]`);
    if (next) all = merge(old, next, news) && all;
    else if (/^(present|writing):/.test(name)) old.replaceChildren();
  }
  if (!active.isConnected && document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  else if (active.isConnected && active !== document.activeElement) active.focus({ preventScroll: true });
  stay();
  const event = fresh.querySelector("input[name=seen_event]")?.value;
  if (event && all) read(event, news.arrived);
  count();
  say(news.said);
  return all;
}

function merge(old, next, news) {
  if (old.dataset.keyed !== undefined) return mergeAll(old, next, news);
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  next.querySelectorAll("details").forEach((one, n) => (one.open = open[n] ?? one.open));
  if (old.isEqualNode(next)) return true;
  if (inUse(old)) return false;
  const focus = old.contains(document.activeElement) ? [...old.querySelectorAll(reachable)].indexOf(document.activeElement) : -1;
  const warning = /^writing:/.test(next.dataset.live) && next.textContent.trim();
  if (warning) news.said.push(warning);
  old.replaceWith(document.adoptNode(next));
  if (focus >= 0) next.querySelectorAll(reachable)[focus]?.focus({ preventScroll: true });
  return true;
}

function mergeAll(old, next, news) {
  const mine = new Map([...old.children].map((one) => [one.id, one]));
  const wanted = [...next.children];
  const ids = new Set(wanted.map((one) => one.id));
  let all = true;
  for (const [id, one] of mine) {
    if (ids.has(id)) continue;
    if (inUse(one)) all = false;
    else one.remove();
  }
  let last = null;
  for (const one of wanted) {
    let child = mine.get(one.id);
    if (child) {
      all = merge(child, one, news) && all;
      if (!child.isConnected) child = one;
    } else {
      child = document.adoptNode(one);
      news.arrived.push(child);
      if (child.dataset.said) news.said.push(child.dataset.said);
    }
    const spot = last ? last.nextElementSibling : old.firstElementChild;
    if (spot !== child) old.insertBefore(child, spot);
    last = child;
  }
  old.hidden = next.hidden;
  return all;
}

function inUse(part) {
  const selection = getSelection();
  if (!selection.isCollapsed && selection.containsNode(part, true)) return true;
  const fields = [part, ...part.querySelectorAll(typed)].filter((one) => one.matches(typed));
  return fields.some((one) => one === document.activeElement || changed(one));
}

function changed(one) {
  if (one.options) return [...one.options].some((option) => option.selected !== option.defaultSelected);
  if (one.type === "checkbox") return one.checked !== one.defaultChecked;
  return one.value !== one.defaultValue;
}

// Whatever somebody looks at stays where it is on the screen.
function anchored(active) {
  const onScreen = (one) => {
    const box = one.getBoundingClientRect();
    return box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  };
  const inside = active.closest("main *") && onScreen(active);
  const spot = inside ? active : [...document.querySelectorAll("main h1, main [id]")].find(onScreen);
  const top = spot?.getBoundingClientRect().top;
  return () => {
    if (spot?.isConnected) scrollBy({ top: spot.getBoundingClientRect().top - top, behavior: "instant" });
  };
}

// An answer names the newest event that its writer has had on the screen for a while: one that was
// put in place unseen stops it.
const unread = new Map();
let latest = seen?.value;
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(unread.get(target));
    unread.set(target, isIntersecting ? setTimeout(() => done(target), 2000) : 0);
  }
});

function done(target) {
  if (document.hidden) return void unread.set(target, setTimeout(() => done(target), 2000));
  watcher.unobserve(target);
  unread.delete(target);
  if (!unread.size && seen) seen.value = latest;
}

function read(event, arrived) {
  latest = event;
  for (const one of arrived) {
    unread.set(one, 0);
    watcher.observe(one);
    one.classList.add("arrived");
    setTimeout(() => one.classList.remove("arrived"), 2500);
  }
  for (const one of unread.keys()) if (!one.isConnected) unread.delete(one);
  if (!unread.size && seen) seen.value = latest;
}

function count() {
  const numbers = document.querySelectorAll("nav [data-key=m] .count, nav [data-key=u] .count");
  const sum = [...numbers].reduce((total, one) => total + Number(one.textContent), 0);
  document.title = sum ? `(${sum}) ${heading}` : heading;
}

function say(sentences) {
  if (!sentences.length) return;
  announcer.textContent = "";
  setTimeout(() => (announcer.textContent = sentences.slice(-5).join(". ")), 100);
}

// Hearing: from the stream, or from the tab that holds it; where neither is possible, asking.
function hear(news) {
  if (news.subject === "who") return void channel.postMessage({ subject: "newest", event: newest });
  const missed = news.subject === "newest" && news.event > newest;
  newest = Math.max(newest, news.event ?? 0);
  const mine = here && news.inquiry === here;
  if (missed || news.subject === "everything") want(here || listed, 150);
  else if (news.subject === "inquiry") want(mine || listed, mine ? 100 : listed ? 500 : 2000);
  else if (news.subject === "presence") {
    if (document.querySelector(`[data-live="present:${CSS.escape(news.inquiry)}"]`)) want(false, mine ? 100 : 1000);
  } else if (news.subject === "counts") want(false, 1000);
}

function listen() {
  const source = new EventSource(`/live?since=${newest}&mark=${announcer.dataset.mark}`);
  for (const subject of ["inquiry", "counts", "presence", "everything"]) {
    source.addEventListener(subject, (event) => {
      const news = { subject, ...JSON.parse(event.data) };
      channel.postMessage(news);
      hear(news);
    });
  }
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    const everything = { subject: "everything" };
    channel.postMessage(everything);
    hear(everything);
    setTimeout(listen, 20000);
  };
}

if (channel && navigator.locks && window.EventSource) {
  channel.onmessage = (event) => hear(event.data);
  channel.postMessage({ subject: "who" });
  navigator.locks.request("desk stream", () => new Promise(listen));
} else {
  setInterval(() => want(here || listed, 0), 20000);
}
document.addEventListener("desk:stale", () => want(here || listed, 0));
document.addEventListener("visibilitychange", () => document.hidden || (wanted !== null && want(wanted, 0)));
addEventListener("pageshow", (event) => event.persisted && want(here || listed, 0));

// Who is here: told while the page is open, and when it is left.
if (here) {
  let acted = Date.now();
  let wrote = -Infinity;
  let told = "";
  const doing = () => {
    const now = Date.now();
    if (answer?.value && now - wrote < 60000) return "writing";
    return document.hidden || now - acted > 60000 ? "idle" : "viewing";
  };
  const tell = (what) => {
    told = what;
    navigator.sendBeacon("/live/presence", new URLSearchParams({ tab, inquiry: here, doing: what }));
  };
  const act = () => {
    acted = Date.now();
    if (told !== "gone" && doing() !== told) tell(doing());
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) addEventListener(kind, act, { passive: true });
  document.addEventListener("visibilitychange", act);
  answer?.addEventListener("input", () => {
    wrote = Date.now();
    act();
  });
  addEventListener("pagehide", () => tell("gone"));
  addEventListener("pageshow", () => tell(doing()));
  setInterval(() => tell(doing()), 20000);
}
count();
