// Discord's Markdown as elements: the text is never parsed as HTML, so that nothing in it can run.
import { make } from "./elements.js";
import { channel, parts, person } from "./place.js";

const FENCE = /```(?:[\w+-]*\n)?([\s\S]+?)```/;
const INLINE = [
  [/\\([^A-Za-z0-9\s])/, (found) => found[1]],
  [/``(.+?)``|`([^`]+)`/, (found) => make("code", {}, found[1] ?? found[2])],
  [/\*\*([\s\S]+?)\*\*(?!\*)/, (found) => make("strong", {}, inline(found[1]))],
  [/__([\s\S]+?)__/, (found) => make("u", {}, inline(found[1]))],
  [/~~([\s\S]+?)~~/, (found) => make("s", {}, inline(found[1]))],
  [/\|\|([\s\S]+?)\|\|/, (found) => spoiler(inline(found[1]))],
  [/\*([^\s*][\s\S]*?)\*/, (found) => make("em", {}, inline(found[1]))],
  [/\b_([^_]+)_\b/, (found) => make("em", {}, inline(found[1]))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (found) => moment(Number(found[1]), found[2] ?? "f")],
  [/<@!?(\d+)>/, (found) => mention(`@${person(found[1])?.name ?? "someone"}`)],
  [/<@&(\d+)>/, (found) => mention(`@${parts.roles?.find((role) => role.id === found[1])?.name ?? "role"}`)],
  [/<#(\d+)>/, (found) => place(found[1])],
  [/<\/([\w -]+):\d+>/, (found) => mention(`/${found[1]}`)],
  [/<a?:(\w+):\d+>/, (found) => `:${found[1]}:`],
  [/\[([^\]]+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/, (found) => link(found[2], inline(found[1]))],
  [/<?(https?:\/\/[^\s<>)]+[^\s<>).,;:!?'"])>?/, (found) => link(found[1], [found[1]])],
];

export function markdown(text) {
  const found = FENCE.exec(text);
  if (!found) return blocks(text);
  const [before, after] = [text.slice(0, found.index), text.slice(found.index + found[0].length)];
  return [...blocks(before.replace(/\n$/, "")), make("pre", {}, make("code", {}, found[1])), ...markdown(after.replace(/^\n/, ""))];
}

function blocks(text) {
  const [lines, made] = [text ? text.split("\n") : [], []];
  while (lines.length) made.push(block(lines));
  return made;
}

function block(lines) {
  if (lines[0].startsWith(">>> ")) return make("blockquote", {}, blocks(lines.splice(0).join("\n").slice(4)));
  const quoted = take(lines, /^> (.*)/);
  if (quoted.length) return make("blockquote", {}, blocks(quoted.join("\n")));
  for (const [tag, pattern] of [["ul", /^\s*[-*] (.+)/], ["ol", /^\s*\d+\. (.+)/]]) {
    const items = take(lines, pattern);
    if (items.length) return make(tag, {}, items.map((item) => make("li", {}, inline(item))));
  }
  const line = lines.shift();
  const heading = /^(#{1,3}) (.+)/.exec(line);
  if (heading) return make(`h${heading[1].length + 2}`, {}, inline(heading[2]));
  if (line.startsWith("-# ")) return make("p", { class: "small" }, inline(line.slice(3)));
  return make("p", {}, line ? inline(line) : "\u200b");
}

function take(lines, pattern) {
  const taken = [];
  while (lines.length && pattern.test(lines[0])) taken.push(pattern.exec(lines.shift())[1]);
  return taken;
}

function inline(text) {
  let first = null;
  for (const [pattern, draw] of INLINE) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, draw };
  }
  if (!first) return text ? [text] : [];
  const { found, draw } = first;
  const rest = text.slice(found.index + found[0].length);
  return [text.slice(0, found.index), draw(found), ...inline(rest)].filter((piece) => piece !== "");
}

function spoiler(children) {
  const show = (event) => {
    if (event.type === "keydown" && !["Enter", " "].includes(event.key)) return;
    event.currentTarget.classList.add("open");
    event.currentTarget.removeAttribute("aria-label");
    event.currentTarget.setAttribute("aria-expanded", "true");
  };
  return make("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler", "aria-expanded": "false", onclick: show, onkeydown: show }, make("span", {}, children));
}

const mention = (text) => make("span", { class: "mention" }, text);

function place(id) {
  const known = channel(id);
  return known ? make("a", { class: "mention", href: `#${parts.viewer.role}/${id}` }, `#${known.name}`) : mention("#unknown");
}

function link(address, children) {
  const jump = /^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)(?:\/(\d+))?$/.exec(address);
  if (!jump) return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, children);
  const key = channel(jump[1]) ? jump[1] : "dm";
  return make("a", { class: "mention", href: `#${parts.viewer.role}/${key}/${jump[2] ?? ""}` }, children[0] === address ? `#${channel(key)?.name} › message` : children);
}

const FORMATS = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

function moment(seconds, style) {
  const at = new Date(seconds * 1000);
  const shown = make("time", { title: at.toLocaleString(), ...(style === "R" && { "data-epoch": String(seconds) }) });
  shown.textContent = style === "R" ? relative(seconds) : new Intl.DateTimeFormat(undefined, FORMATS[style]).format(at);
  return shown;
}

export function relative(seconds) {
  let span = seconds - Date.now() / 1000;
  for (const [unit, next] of STEPS) {
    if (Math.abs(Math.round(span)) < next) return new Intl.RelativeTimeFormat("en", { numeric: "always" }).format(Math.round(span), unit);
    span /= next;
  }
  return "";
}

setInterval(() => {
  for (const shown of document.querySelectorAll("time[data-epoch]")) shown.textContent = relative(Number(shown.dataset.epoch));
}, 1000);
