// Components, attachments and embeds, as elements.
import { make } from "./elements.js";
import { markdown } from "./markdown.js";
import { own, parts, person } from "./place.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "secondary" };
const colour = (number) => `#${number.toString(16).padStart(6, "0")}`;

// `act` is called with what was pressed or chosen: its name and its values.
export function component(item, act) {
  const inside = (key = "components") => (item[key] ?? []).map((child) => component(child, act));
  switch (item.type) {
    case 1: return make("div", { class: "row" }, inside());
    case 2: return button(item, act);
    case 3: case 5: case 6: case 7: case 8: return select(item, act);
    case 9: return make("div", { class: "section" }, make("div", {}, inside()), component(item.accessory, act));
    case 10: return make("div", { class: "text" }, markdown(item.content));
    case 11: return make("div", { class: "thumbnail" }, hiding(item.spoiler, media(item.media.url, item.description)));
    case 12: return make("div", { class: `gallery of-${Math.min(item.items.length, 3)}` }, item.items.map((one) => hiding(one.spoiler, media(one.media.url, one.description))));
    case 13: return hiding(item.spoiler, download(item.file.url, item.name, item.size));
    case 14: return make("hr", { class: item.divider === false ? "space" : "", "data-spacing": String(item.spacing ?? 1) });
    case 17: return container(item, inside());
    default: return make("p", { class: "small" }, `(A component of kind ${item.type}, which the sandbox does not draw.)`);
  }
}

function container(item, children) {
  const box = make("div", { class: "container" }, children);
  if (item.accent_color !== null && item.accent_color !== undefined) box.style.borderInlineStartColor = colour(item.accent_color);
  return hiding(item.spoiler, box);
}

function button(item, act) {
  const emoji = item.emoji ? make("span", { class: "emoji", "aria-hidden": item.label ? "true" : null }, item.emoji.name) : null;
  const attributes = { class: `button ${STYLES[item.style] ?? "secondary"}`, "data-key": item.custom_id };
  if (item.style === 5) return make("a", { ...attributes, href: item.url, target: "_blank", rel: "noopener noreferrer" }, emoji, item.label ?? "", " ↗");
  const press = () => act("press", { custom_id: item.custom_id });
  return make("button", { ...attributes, type: "button", disabled: Boolean(item.disabled), onclick: press }, emoji, item.label ?? "");
}

export function choices(item) {
  const people = () => parts.people.map((one) => ({ value: one.id, label: one.name }));
  const roles = () => parts.roles.map((one) => ({ value: one.id, label: one.name }));
  const channels = () => parts.channels.filter((one) => one.key !== "dm").map((one) => ({ value: one.key, label: `#${one.name}` }));
  const found = { 3: () => item.options ?? [], 5: people, 6: roles, 7: () => [...people(), ...roles()], 8: channels }[item.type]();
  const preset = new Set((item.default_values ?? []).map((one) => String(one.id)));
  return found.map((one) => ({ ...one, default: one.default || preset.has(one.value) }));
}

export function options(item) {
  return choices(item).map((one) => {
    const label = [one.emoji?.name, one.label, one.description && `– ${one.description}`].filter(Boolean).join("\n");
    return make("option", { value: one.value, selected: Boolean(one.default) }, label);
  });
}

function select(item, act) {
  const multiple = (item.max_values ?? 1) > 1;
  const first = multiple ? [] : [make("option", { value: "", disabled: true, selected: !choices(item).some((one) => one.default) }, item.placeholder ?? "Make a selection")];
  const attributes = { class: "select", "aria-label": item.placeholder ?? "Make a selection", "data-key": item.custom_id, disabled: Boolean(item.disabled) };
  const list = make("select", { ...attributes, multiple }, first, options(item));
  const send = () => act("select", { custom_id: item.custom_id, values: [...list.selectedOptions].map((one) => one.value) });
  if (!multiple) list.addEventListener("change", send);
  return multiple ? make("div", { class: "row" }, list, make("button", { type: "button", class: "button secondary", onclick: send }, "Choose")) : list;
}

export function media(url, description) {
  const file = url.split("?")[0];
  const label = description || decodeURIComponent(file.split("/").pop());
  if (/\.(mp4|webm|mov)$/i.test(file)) return make("video", { src: own(url), controls: true, preload: "metadata", playsInline: true, "aria-label": label });
  if (/\.(png|jpe?g|gif|webp|avif)$/i.test(file)) return make("a", { href: own(url), target: "_blank", rel: "noopener" }, make("img", { src: own(url), alt: description ?? "", loading: "lazy" }));
  return download(url, label);
}

function download(url, name, size) {
  const bytes = size ? ` (${(size / 1024).toFixed(1)} kB)` : "";
  return make("a", { class: "file", href: own(url), download: name ?? "" }, `📄 ${name ?? url.split("/").pop()}${bytes}`);
}

function hiding(isHidden, element) {
  if (!isHidden) return element;
  const cover = make("button", { type: "button", class: "button secondary", onclick: () => cover.parentElement.classList.add("open") }, "Spoiler");
  return make("div", { class: "covered" }, element, cover);
}

export function attachment(file) {
  const hidden = file.filename.startsWith("SPOILER_");
  const known = /^(image|video)\//.test(file.content_type ?? "");
  return hiding(hidden, known ? make("div", { class: "gallery of-1" }, media(file.url, file.description)) : download(file.url, file.filename, file.size));
}

export function embed(item) {
  const title = item.title && make("strong", {}, item.url ? make("a", { href: item.url, target: "_blank", rel: "noopener noreferrer" }, item.title) : item.title);
  const fields = (item.fields ?? []).map((field) => make("div", { class: field.inline ? "inline" : "" }, make("strong", {}, field.name), markdown(field.value)));
  const picture = item.image?.url ?? item.thumbnail?.url;
  const box = make("div", { class: "container" }, item.author && make("p", { class: "small" }, item.author.name), title, markdown(item.description ?? ""), make("div", { class: "fields" }, fields), picture && media(picture), item.footer && make("p", { class: "small" }, item.footer.text));
  if (item.color) box.style.borderInlineStartColor = colour(item.color);
  return box;
}

export function preview(file) {
  return file.type.startsWith("image/") ? make("img", { src: URL.createObjectURL(file), alt: "" }) : "📄 ";
}

// What a message says, in one line without signs.
function words(items) {
  return (items ?? []).flatMap((item) => (item.type === 10 ? [item.content] : words(item.components)));
}

export function summary(message) {
  const said = [message.content, ...words(message.components)].filter(Boolean).join("\n");
  return said.replace(/<@!?(\d+)>/g, (_, id) => `@${person(id)?.name ?? "someone"}`).replace(/<t:\d+(:\w)?>/g, "").replace(/^(> |-# )|[*_`|\\\u200b]/gm, "").trim().replace(/\s*\n\s*/g, " · ").slice(0, 160);
}
