// The list above the line: what could come next. The field keeps the focus; arrows move through the list.
import { fill, find, make } from "./elements.js";

const list = { entries: [], active: -1, field: null };

export function openList(field, title, entries, active = -1) {
  Object.assign(list, { entries, active: Math.min(active, entries.length - 1), field });
  find("popup").hidden = !title && !entries.length;
  find("popup-title").textContent = title;
  fill(find("list"), entries.map(item));
  mark();
}

export function closeList() {
  Object.assign(list, { entries: [], active: -1 });
  find("popup").hidden = true;
  list.field?.removeAttribute("aria-activedescendant");
}

function item({ label, detail, required, act }, index) {
  const choose = (event) => { event.preventDefault(); act(); };
  return make("li", { role: "option", id: `option-${index}`, onpointerdown: choose }, make("b", {}, label), required && make("span", { class: "tag" }, "required"), detail && make("span", { class: "small" }, detail));
}

function mark() {
  [...find("list").children].forEach((element, index) => {
    element.setAttribute("aria-selected", String(index === list.active));
    if (index === list.active) element.scrollIntoView({ block: "nearest" });
  });
  if (list.active >= 0) list.field?.setAttribute("aria-activedescendant", `option-${list.active}`);
  else list.field?.removeAttribute("aria-activedescendant");
}

// Takes the key if it belongs to the list: arrows always, Enter and Tab when an entry is marked.
export function listKey(event) {
  const count = list.entries.length;
  if (!count || find("popup").hidden) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) list.active = (Math.max(list.active, step > 0 ? -1 : 0) + step + count) % count;
  else if (list.active < 0 || event.shiftKey || !["Enter", "Tab"].includes(event.key)) return false;
  event.preventDefault();
  if (step) mark();
  else list.entries[list.active].act();
  return true;
}
