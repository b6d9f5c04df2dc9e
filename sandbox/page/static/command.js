// Slash commands: the picker, and the line of options that is filled in before one is sent.
import { fill, find, make } from "./elements.js";
import { perform, say } from "./acting.js";
import { preview } from "./components.js";
import { closeList, listKey, openList } from "./list.js";
import { ask, parts, place } from "./place.js";

const [SUB, GROUP, TEXT, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const BY_ID = [USER, CHANNEL, ROLE, MENTIONABLE];
export const command = { chosen: null, values: new Map(), shown: [] };
let latest = 0;
export const isCommand = (typed) => /^\/(?!\/)/.test(typed);
const byUse = (one, other) => (other.name === "video") - (one.name === "video");
const local = (item, key) => item[`${key}_localizations`]?.[parts.viewer?.locale] ?? item[key];

function flat(commands, path = [], title = []) {
  return (commands ?? []).flatMap((one) => {
    const [name, spoken] = [[...path, one.name], [...title, local(one, "name")]];
    const inner = (one.options ?? []).filter((option) => [SUB, GROUP].includes(option.type));
    return inner.length ? flat(inner, name, spoken) : [{ name: name.join(" "), title: spoken.join(" "), description: local(one, "description"), options: one.options ?? [] }];
  });
}

export function suggestCommands(typed) {
  if (!isCommand(typed)) return closeList();
  const wanted = typed.slice(1).toLowerCase().trimEnd();
  const known = flat(parts.commands);
  const exact = known.find((one) => one.title === wanted && typed.endsWith(" "));
  if (exact && !known.some((one) => one.title.startsWith(`${wanted} `))) return enter(exact);
  const found = known.filter((one) => `${one.title} ${one.name}`.toLowerCase().includes(wanted)).sort((a, b) => a.title.indexOf(wanted) - b.title.indexOf(wanted) || byUse(a, b));
  const title = found.length ? "Matinee’s commands" : known.length ? "No command of that name" : "No commands here: the bot has not started yet";
  return openList(find("text"), title, found.map((one) => ({ label: `/${one.title}`, detail: one.description, act: () => enter(one) })), 0);
}

// Enters the command that the text starts with, the rest of it being its first text option.
export function pickCommand() {
  const typed = find("text").value.slice(1);
  const found = flat(parts.commands).filter((one) => typed === one.title || typed.startsWith(`${one.title} `)).sort((a, b) => b.title.length - a.title.length)[0];
  if (!found) return say(`There is no command /${typed.split(" ")[0]}.`);
  return enter(found, typed.slice(found.title.length).trim());
}

function enter(chosen, rest = "") {
  Object.assign(command, { chosen, values: new Map(), shown: chosen.options.filter((option) => option.required) });
  find("text").value = "";
  say("");
  const first = chosen.options.find((option) => option.type === TEXT && !option.autocomplete && !option.choices?.length);
  if (rest && first) command.values.set(first.name, { text: rest });
  if (first && !command.shown.includes(first) && (rest || (!command.shown.length && first === chosen.options[0]))) command.shown.push(first);
  closeList();
  redraw(rest ? first?.name : command.shown[0]?.name);
}

export function leaveCommand() {
  Object.assign(command, { chosen: null, values: new Map(), shown: [] });
  closeList();
  draw();
}

function draw() {
  const { chosen, shown } = command;
  find("command").hidden = !chosen;
  find("text").hidden = Boolean(chosen);
  find("command").setAttribute("aria-label", chosen ? `/${chosen.title}` : "");
  fill(find("command"), chosen && [make("button", { type: "button", class: "chip", title: "Leave this command", "aria-label": `Leave /${chosen.title}`, "data-key": "leave", onclick: () => { leaveCommand(); find("text").focus(); } }, `/${chosen.title}`), ...shown.map(pill), more(chosen.options.length - shown.length)]);
}

const redraw = (name) => { draw(); focus(name); };
function focus(name) {
  const field = name && find("command").querySelector(`[data-key="${name}"]`);
  (field || find("command").querySelector("[data-key=more]") || find("send")).focus();
}

const more = (count) => count > 0 && make("button", { type: "button", class: "quiet", "data-key": "more", onfocus: (event) => offerRest(event.target), onkeydown: (event) => key(event) }, `+${count} more`);

function pill(option) {
  const kept = command.values.get(option.name);
  const isFile = option.type === ATTACHMENT;
  const field = isFile ? filePicker(option) : make("input", { value: kept?.text ?? "", placeholder: hint(option), role: "combobox", "aria-expanded": "true", "aria-controls": "list" });
  field.dataset.key = option.name;
  field.setAttribute("aria-label", `${local(option, "name")}${option.required ? ", required" : ""}: ${local(option, "description")}`);
  field.addEventListener("focus", () => offer(option, field));
  field.addEventListener("keydown", (event) => key(event, option, field));
  if (!isFile) field.addEventListener("input", () => { command.values.set(option.name, { text: field.value }); grow(field); offer(option, field); });
  grow(field);
  const shown = isFile && kept ? [preview(kept.file), kept.file.name] : isFile ? "Choose, drop or paste a file" : null;
  return make("label", { class: `pill${isFile ? " is-file" : ""}`, "data-option": option.name }, make("span", {}, local(option, "name")), shown && make("em", {}, shown), field);
}

const grow = (field) => { if (field.type !== "file") field.style.width = `${Math.min(Math.max(field.value.length, field.placeholder.length, 4) + 2, 46)}ch`; };
const hint = (option) => (option.type === BOOLEAN ? "True or False" : option.min_value !== undefined && option.max_value !== undefined ? `${option.min_value}–${option.max_value}` : "");

function filePicker(option) {
  return make("input", { type: "file", class: "unseen", onchange: (event) => event.target.files[0] && put(option, event.target.files[0]) });
}

function put(option, file) {
  command.values.set(option.name, { file });
  if (!command.shown.includes(option)) command.shown.push(option);
  const focused = document.activeElement.dataset.key;
  redraw(focused ?? option.name);
}

// Puts dropped and pasted files into the options that take files.
export function take(files) {
  const free = command.chosen.options.filter((option) => option.type === ATTACHMENT && !command.values.has(option.name));
  files.slice(0, free.length).forEach((file, index) => put(free[index], file));
  if (files.length > free.length) say("This command takes no more files.");
}

function key(event, option, field) {
  if (event.isComposing || listKey(event)) return;
  if (event.key === "Enter") { event.preventDefault(); sendCommand(); }
  if (event.key !== "Backspace" || !option || (field.value && field.type !== "file")) return;
  event.preventDefault();
  command.values.delete(option.name);
  const index = command.shown.indexOf(option);
  if (!option.required) command.shown.splice(index, 1);
  redraw(command.shown[Math.max(index - 1, 0)]?.name);
}

function known(option) {
  if (option.type === BOOLEAN) return [{ name: "True", value: true }, { name: "False", value: false }];
  if (option.choices?.length) return option.choices.map((one) => ({ name: local(one, "name"), value: one.value }));
  const people = parts.people.map((one) => ({ name: one.name, value: { id: one.id } }));
  const roles = parts.roles.map((one) => ({ name: one.name, value: { id: one.id } }));
  const channels = parts.channels.filter((one) => one.key !== "dm").map((one) => ({ name: `#${one.name}`, value: { id: one.key } }));
  return { [USER]: people, [CHANNEL]: channels, [ROLE]: roles, [MENTIONABLE]: [...people, ...roles] }[option.type];
}

async function offer(option, field) {
  const [typed, among] = [field.type === "file" ? "" : field.value, known(option)];
  const title = `${local(option, "name")}: ${local(option, "description")}`;
  if (among) {
    const matching = among.filter((one) => one.name.toLowerCase().includes(typed.toLowerCase()));
    return among.some((one) => one.name === typed) ? offerRest(field, title) : openList(field, title, matching.map((one) => choice(option, one)), typed ? 0 : -1);
  }
  if (!option.autocomplete || command.values.get(option.name)?.value !== undefined) return offerRest(field, title);
  const turn = ++latest;
  await new Promise((resolve) => setTimeout(resolve, 180));
  if (turn !== latest || document.activeElement !== field) return undefined;
  const { values } = filled(option.name);
  const found = await ask("/do/suggest", { channel: place.channel, name: command.chosen.name, focused: option.name, value: typed, options: values });
  if (turn !== latest || document.activeElement !== field) return undefined;
  return found.refused ? openList(field, `${title} (${found.refused})`, []) : openList(field, title, found.map((one) => choice(option, { name: local(one, "name"), value: one.value })), typed ? 0 : -1);
}

function choice(option, { name, value }) {
  return { label: name, act: () => { command.values.set(option.name, { text: name, value }); redraw(option.name); } };
}

function offerRest(field, title = "Options") {
  const rest = command.chosen.options.filter((option) => !command.shown.includes(option));
  openList(field, title, rest.map((option) => ({ label: local(option, "name"), detail: local(option, "description"), required: option.required, act: () => { command.shown.push(option); redraw(option.name); } })));
}

// What stands in the options, ready to be sent; `wrong` names the first that cannot be.
function filled(except = null) {
  const [values, files] = [{}, []];
  let wrong = null;
  for (const option of command.chosen.options) {
    const kept = command.values.get(option.name);
    const given = kept?.file ?? kept?.value ?? (kept?.text ? read(option, kept.text) : null);
    if (option.name === except) continue;
    if (given === null) { if (option.required) wrong ??= [option, "This option is required. Specify a value."]; }
    else if (given === undefined) wrong ??= [option, refusal(option)];
    else if (given instanceof File) files.push([option.name, given]);
    else values[option.name] = given;
  }
  return { values, files, wrong };
}

// The value that this text means; undefined for none.
function read(option, text) {
  const among = known(option);
  if (among) return among.find((one) => one.name.toLowerCase() === text.trim().toLowerCase())?.value;
  if (option.type === TEXT) return text.length >= (option.min_length ?? 0) && text.length <= (option.max_length ?? 6000) ? text : undefined;
  const number = Number(text);
  const fits = text.trim() && (option.type === NUMBER ? Number.isFinite(number) : Number.isSafeInteger(number));
  return fits && number >= (option.min_value ?? -Infinity) && number <= (option.max_value ?? Infinity) ? number : undefined;
}

function refusal(option) {
  const range = hint(option) && option.type !== BOOLEAN ? ` (${hint(option)})` : "";
  return { [INTEGER]: `Input a valid integer${range}.`, [NUMBER]: `Input a valid number${range}.` }[option.type] ?? (BY_ID.includes(option.type) || known(option) ? "Choose one of the entries of the list." : "This text is too short or too long.");
}

export async function sendCommand() {
  const { chosen } = command;
  const { values, files, wrong } = filled();
  if (wrong) {
    if (!command.shown.includes(wrong[0])) command.shown.push(wrong[0]);
    draw();
    find("command").querySelector(`[data-option="${wrong[0].name}"]`).classList.add("wrong");
    focus(wrong[0].name);
    return say(`${local(wrong[0], "name")}: ${wrong[1]}`);
  }
  leaveCommand();
  find("text").focus();
  find("notice").textContent = "Sending the command…";
  return perform("command", { channel: place.channel, name: chosen.name, options: values }, files);
}
