// The channel: one element for each message, of which only what changed is drawn again.
import { fill, find, make } from "./elements.js";
import { named, perform, say } from "./acting.js";
import { edit, replyTo } from "./composer.js";
import { attachment, component, embed, summary } from "./components.js";
import { markdown } from "./markdown.js";
import { openMenu } from "./menu.js";
import { parts, person, place } from "./place.js";

const [EPHEMERAL, LOADING, COMPONENTS_V2] = [64, 128, 32768];
const EMOJI = ["🔁", "✉️", "❌", "⭐", "👍", "❤️", "😂", "🎉", "👀", "🔥"];
const drawn = new Map();
const dismissed = new Set();
let [seenFrom, isAtEnd, depth] = ["", true, 0];

// Whoever reads the newest stays there, also when a picture or a video grows into its size.
const deep = () => find("scroll").scrollHeight - find("scroll").clientHeight;
const stay = () => { depth = deep(); if (isAtEnd) find("scroll").scrollTop = depth; };
find("scroll").addEventListener("scroll", () => (depth === deep() ? isAtEnd = depth - find("scroll").scrollTop < 60 : stay()));
const growth = new ResizeObserver(stay);
for (const id of ["scroll", "messages"]) growth.observe(find(id));

const isPrivate = (message) => Boolean(message.flags & EPHEMERAL);
const isMine = (message) => isPrivate(message) || [message.author.id, message.interaction_metadata?.user?.id].includes(parts.viewer.id);
const shownName = (author) => author.global_name || author.username;

export function drawMessages(changed) {
  const isFirstLook = seenFrom !== `${place.role} ${place.channel}`;
  if (isFirstLook) drawn.clear();
  seenFrom = `${place.role} ${place.channel}`;
  for (const name of changed) if (name.startsWith("message ")) drawOne(parts[name], name.slice(8), isFirstLook);
  const order = (parts.order ?? []).filter((id) => !dismissed.has(id) && drawn.has(id));
  const list = find("messages");
  const wanted = order.map((id) => drawn.get(id).element);
  if (list.children.length !== wanted.length || wanted.some((element, index) => list.children[index] !== element)) {
    for (const old of [...list.children]) if (!wanted.includes(old)) old.remove();
    wanted.forEach((element, index) => list.children[index] !== element && list.insertBefore(element, list.children[index] ?? null));
  }
  find("welcome").hidden = order.length > 0;
  if (isFirstLook) isAtEnd = true;
  stay();
}

function drawOne(message, id, isFirstLook) {
  if (!message) return void drawn.delete(id);
  isAtEnd ||= !isFirstLook && !drawn.has(id) && isMine(message);
  const known = drawn.get(id) ?? create(message);
  for (const [part, draw] of Object.entries(PARTS)) {
    const now = JSON.stringify(draw.of(message));
    if (known.seen[part] === now) continue;
    known.seen[part] = now;
    fill(known.slots[part], draw.as(message));
  }
  known.element.classList.toggle("private", isPrivate(message));
  known.element.classList.toggle("for-me", message.pings_me);
  if (!isFirstLook) announce(message, known);
}

function create(message) {
  const slots = Object.fromEntries(Object.keys(PARTS).map((part) => [part, make("div", { class: part })]));
  const bar = !isPrivate(message) && make("div", { class: "bar" },
    tool("😀", "Add a reaction", (event) => pickEmoji(event, message.id)),
    tool("↩", "Reply", () => replyTo(parts[`message ${message.id}`])),
    tool("⋯", "More", (event) => more(event, message.id)));
  const face = make("div", { class: `face ${message.author.bot ? "bot" : shownName(message.author).toLowerCase()}`, "aria-hidden": "true" }, message.author.bot ? "▶" : shownName(message.author)[0]);
  const element = make("li", { class: "message", id: `m${message.id}` }, face, make("div", { class: "inner" }, Object.values(slots)), bar);
  element.addEventListener("contextmenu", (event) => {
    if (!event.target.closest("a, video, img, input, textarea")) more(event, message.id);
  });
  const known = { element, slots, seen: {}, said: "" };
  drawn.set(message.id, known);
  return known;
}

const tool = (sign, label, onclick) => make("button", { type: "button", class: "quiet", "aria-label": label, title: label, "data-key": label, onclick }, sign);

const PARTS = {
  above: { of: (m) => [m.referenced_message?.content, m.message_reference, m.interaction_metadata?.id, m.referenced_message?.components], as: above },
  head: { of: (m) => [m.author, m.timestamp, m.edited_timestamp], as: head },
  body: { of: (m) => [m.content, m.components, m.attachments, m.embeds, m.flags], as: body },
  reactions: { of: (m) => m.reactions, as: reactions },
  below: { of: (m) => m.flags, as: below },
};

function above(message) {
  const used = message.interaction_metadata;
  if (message.message_reference) {
    const target = message.referenced_message;
    const jump = () => jumpTo(message.message_reference.message_id);
    return make("button", { type: "button", class: "quiet", onclick: jump }, "↱ ", make("b", {}, target ? shownName(target.author) : ""), ` ${target ? summary(target) || "a message" : "Original message was deleted"}`);
  }
  return used ? make("span", {}, "⌁ ", make("b", {}, person(used.user?.id)?.name ?? "someone"), used.name ? ` used ${parts.menus.some((one) => one.name === used.name) ? "" : "/"}${used.name}` : " asked for this") : null;
}

export function jumpTo(id) {
  const target = find(`m${id}`);
  target?.scrollIntoView({ block: "center" });
  target?.animate([{ background: "var(--accent-soft)" }, {}], 1500);
}

function head(message) {
  const at = new Date(message.timestamp);
  return [make("b", {}, shownName(message.author)), message.author.bot && make("span", { class: "tag" }, "APP"),
    make("time", { datetime: message.timestamp, title: at.toLocaleString() }, at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })), message.edited_timestamp && make("span", { class: "small" }, "(edited)")];
}

function body(message) {
  if (message.flags & LOADING && !message.content && !message.components.length) return make("p", { class: "thinking" }, make("i"), make("i"), make("i"), `${shownName(message.author)} is thinking…`);
  const act = (path, words) => perform(path, { ...named(message), ...words });
  const files = message.flags & COMPONENTS_V2 ? [] : message.attachments.map(attachment);
  return [message.content && make("div", { class: "text" }, markdown(message.content)), files, (message.embeds ?? []).map(embed),
    make("div", { class: "components" }, message.components.map((item) => component(item, act)))];
}

function reactions(message) {
  return message.reactions.map((one) => {
    const toggle = () => perform("react", { ...named(message), emoji: one.emoji.name, off: one.me });
    return make("button", { type: "button", class: "reaction", "aria-pressed": String(one.me), "data-key": one.emoji.name, "aria-label": `${one.emoji.name} ${one.count}`, onclick: toggle }, `${one.emoji.name} ${one.count}`);
  });
}

function below(message) {
  if (!isPrivate(message)) return null;
  const dismiss = () => { dismissed.add(message.id); drawMessages(new Set()); };
  return [make("span", {}, "👁 Only you can see this · "), make("button", { type: "button", class: "quiet", onclick: dismiss }, "Dismiss message")];
}

function pickEmoji(event, id) {
  const react = (emoji) => (/\p{Emoji_Presentation}|\p{Extended_Pictographic}/u.test(emoji) ? perform("react", { ...named(parts[`message ${id}`]), emoji }) : say("This is no emoji."));
  openMenu(event, EMOJI.map((emoji) => ({ label: emoji, act: () => react(emoji) })), { grid: true, other: react });
}

function more(event, id) {
  const message = parts[`message ${id}`];
  if (!message || isPrivate(message)) return;
  const mine = message.author.id === parts.viewer.id;
  const isModerator = ["owner", "moderator"].includes(place.role) && place.channel !== "dm";
  const apps = (parts.menus ?? []).map((entry) => ({ label: entry.name_localizations?.[parts.viewer.locale] ?? entry.name, hint: "Matinee", act: () => perform("menu", { ...named(message), name: entry.name }) }));
  openMenu(event, [
    { label: "Add a reaction", act: () => pickEmoji(event, id) },
    { label: "Reply", act: () => replyTo(message) },
    mine && { label: "Edit message", act: () => edit(message) },
    (mine || isModerator) && { label: "Delete message", act: () => perform("delete", named(message)) },
    ...(apps.length ? [{ heading: "Apps" }, ...apps] : []),
  ].filter(Boolean));
}

function announce(message, known) {
  const said = summary(message);
  if (said && said !== known.said && message.author.id !== parts.viewer.id) find("announcer").textContent = `${shownName(message.author)}: ${said}`;
  known.said = said;
}
