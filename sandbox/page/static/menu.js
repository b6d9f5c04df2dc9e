// A menu beside what it belongs to: arrows move, Enter chooses, Escape goes back.
import { fill, find, make } from "./elements.js";

let owner = null;

export function openMenu(event, entries, { grid = false, other = null } = {}) {
  event.preventDefault();
  event.stopPropagation?.();
  owner = document.activeElement;
  const menu = find("menu");
  menu.classList.toggle("grid", grid);
  fill(menu, entries.map(entry), other && make("input", { placeholder: "Any emoji", "aria-label": "Any emoji", maxlength: "8", onkeydown: (key) => {
    if (key.key === "Enter" && key.target.value.trim()) { key.preventDefault(); closeMenu(); other(key.target.value.trim()); }
  } }));
  menu.hidden = false;
  const box = event.target.getBoundingClientRect?.() ?? { left: 0, bottom: 0 };
  const [x, y] = event.type === "contextmenu" && event.clientX ? [event.clientX, event.clientY] : [box.left, box.bottom];
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  menu.querySelector("button")?.focus();
}

function entry({ label, hint, heading, act }) {
  if (heading) return make("p", { class: "small", role: "presentation" }, heading);
  return make("button", { type: "button", role: "menuitem", onclick: () => { closeMenu(); act(); } }, label, hint && make("span", { class: "small" }, hint));
}

export function closeMenu() {
  if (find("menu").hidden) return;
  find("menu").hidden = true;
  owner?.focus({ preventScroll: true });
}

find("menu").addEventListener("keydown", (event) => {
  const items = [...find("menu").querySelectorAll("button, input")];
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else if (!step || (event.target.tagName === "INPUT" && event.key.match(/Left|Right/))) return;
  else items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  event.preventDefault();
});
document.addEventListener("pointerdown", (event) => find("menu").contains(event.target) || closeMenu());
