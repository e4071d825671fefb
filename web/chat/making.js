// Everything that is seen is built by hand, so that no word of anybody becomes markup.
const LINK = /https?:\/\/[^\s<>"'\u200e\u200f\u202a-\u202e\u2066-\u2069]*[^\s<>"'\u200e\u200f\u202a-\u202e\u2066-\u2069.,;:!?)\]»”’…]/g;
const BUBBLE = "M4.5 5h15v11H11l-4.5 4v-4h-2z", CROSS = "M6 6l12 12M18 6L6 18", CLIP = "M20 11.5l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700L9.800 17a1.700 1.700 0 0 1-2.400-2.400l7.600-7.600";
const PLANE = "M4 12l16-8-5 17-3.500-7zM11.500 14L20 4", DOWN = "M6 9.500l6 6 6-6", FILE = "M7 3.500h7l4 4v13H7zM14 3.500v4h4";
const ONE = "M5 12.500l4.500 4.500L19 7.500", TWO = "M2 12.500l4.500 4.500L16 7.500M11 16l1 1 9.500-9.500", CLOCK = "M12 4a8 8 0 1 0 .01 0zM12 8v4.500l3 2", WARNING = "M12 4L3 20h18zM12 10v4.500M12 17.200v.1";

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

const icon = (path, label, onclick, more = {}) => make("button", { type: "button", class: "plain", "aria-label": label, title: label, onclick, ...more }, drawing(path));
const PICTURE = /\.(avif|bmp|gif|jpe?g|png|webp)$/i, MOST_DRAWN = 15000000, DRAWN = 640;
const pressed = (work) => (event) => { event.preventDefault(); work(); }; // a press of a button is heard where a frame forbids forms, and a submit where a program fills them in
const composing = (event) => event.isComposing || event.keyCode === 229; // letters of several keys
const named = (name) => make("bdi", {}, plain(name));

// A name says what it says: nothing in it turns the letters after it round, or is not seen.
function plain(name) { return name.replace(/[\u0000-\u001f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, ""); }

// A picture is drawn: the policy of a page may forbid pictures from elsewhere, but not that.
async function drawn(bytes, label) {
  const picture = await createImageBitmap(bytes);
  const part = Math.min(1, DRAWN / Math.max(picture.width, picture.height));
  const canvas = make("canvas", { role: "img", "aria-label": label, width: Math.max(1, Math.round(picture.width * part)), height: Math.max(1, Math.round(picture.height * part)) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

// How dates, sizes and shares are written where the visitor lives.
class Manner {
  constructor(language, wishes) {
    const near = (one) => {
      try { return one && new Intl.Locale(one).language === language; } catch { return false; }
    };
    const all = wishes.filter(near);
    this.locale = all.find((one) => one.includes("-")) ?? language; // en-GB knows more than en
    this.relative = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" });
  }

  time(at) { return at.toLocaleTimeString(this.locale, { hour: "2-digit", minute: "2-digit" }); }
  share(part) { return part.toLocaleString(this.locale, { style: "percent" }); }

  size(bytes) {
    const [unit, value] = bytes < 1000000 ? ["kilobyte", bytes && Math.max(1, Math.round(bytes / 1000))] : ["megabyte", bytes / 1000000];
    return value.toLocaleString(this.locale, { style: "unit", unit, maximumFractionDigits: 1 });
  }

  limit(bytes) { return this.size(bytes % 2 ** 20 ? bytes : bytes / 2 ** 20 * 1000000); } // the 5MB of a configuration are 5 MB

  away(at) { return Math.round((new Date(at).setHours(12, 0, 0, 0) - new Date().setHours(12, 0, 0, 0)) / 86400000); }

  day(at) {
    const days = this.away(at);
    if (Math.abs(days) < 2) return this.relative.format(days, "day");
    if (days > 0 && days < 7) return at.toLocaleDateString(this.locale, { weekday: "long" });
    const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
    return at.toLocaleDateString(this.locale, { weekday: "long", day: "numeric", month: "long", year });
  }
}
