// The control panel: the mood of the world, the bot's process, the wire and the bill.
import { fill, find, make } from "./elements.js";
import { say } from "./acting.js";
import { ask, channel, parts, place } from "./place.js";

const STRIKES = { tokens: "Expire tokens", links: "Expire file links", reconnect: "Ask to reconnect", drop: "Cut the gateway" };
const shown = {};

async function turn(what, words) {
  say((await ask(`/turn/${what}`, words)).refused ?? "");
}

const press = (label, what, value, style = "secondary") => make("button", { type: "button", class: `button ${style}`, "data-key": `${what} ${value}`, onclick: () => turn(what, { value }) }, label);
const box = (title, ...children) => make("section", {}, make("h3", {}, title), ...children);

function field(label, what, read, attributes, event = "change") {
  const input = make(attributes.tag ?? "input", { ...attributes, tag: null, "data-key": what });
  input.addEventListener(event, () => turn(what, { value: read(input) }));
  shown[what] = input;
  return make("label", { class: "field inline" }, make("span", {}, label), input);
}

function build() {
  const number = { type: "number", min: "0", step: "any" };
  for (const name of ["process", "buttons", "permissions", "sum", "tasks", "wire"]) shown[name] = make("div", { class: name });
  find("panel").append(
    make("header", {}, make("h2", {}, "Control panel"), make("button", { type: "button", class: "quiet", "aria-label": "Close the control panel", onclick: () => find("open-panel").click() }, "✕")),
    box("The bot", shown.process, shown.buttons),
    box("The gateways", field("Mood", "mood", (input) => input.value, { tag: "select" })),
    box("Discord", field("Upload limit, MB", "upload_limit", (input) => Number(input.value), number), field("Tokens live, minutes", "token_life", (input) => Number(input.value), number),
      field("Message content, from the next start", "message_content", (input) => input.checked, { type: "checkbox" }),
      make("div", { class: "row" }, Object.entries(STRIKES).map(([value, label]) => press(label, "strike", value)))),
    box("What the bot may do here", shown.permissions),
    box("The gateways’ bill", shown.sum, shown.tasks),
    box("The wire", shown.wire));
}

export function drawPanel(changed) {
  if (!parts.panel) return;
  if (!shown.wire) build();
  if (changed.has("panel")) drawControls(parts.panel);
  if (changed.has("bill")) drawBill(parts.bill);
  if (changed.has("wire")) fill(shown.wire, parts.wire.map(line));
}

function drawControls(panel) {
  fill(shown.process, make("p", {}, panel.pid ? `Running as process ${panel.pid}` : "Not running"), make("p", { class: "small" }, `Logged in ${panel.logins}×, resumed ${panel.resumes}×`));
  fill(shown.buttons, panel.pid ? [press("Restart", "bot", "restart"), press("kill -9", "bot", "kill", "danger"), press("Stop", "bot", "stop")] : press("Start", "bot", "start", "success"));
  if (!shown.mood.options.length) shown.mood.append(...Object.entries(panel.moods).map(([value, title]) => make("option", { value }, title)));
  for (const what of ["mood", "upload_limit", "token_life"]) if (document.activeElement !== shown[what]) shown[what].value = panel[what];
  shown.message_content.checked = panel.message_content;
  fill(shown.permissions, place.channel === "dm" ? make("p", {}, "In a direct message it may do everything.") : Object.entries(panel.permissions).map(([name, value]) => {
    const input = make("input", { type: "checkbox", checked: value, "data-key": name, onchange: () => turn("permission", { channel: place.channel, name, value: input.checked }) });
    return make("label", {}, input, ` ${name.replaceAll("_", " ")} in #${channel(place.channel)?.name ?? ""}`);
  }));
}

function drawBill(bill) {
  fill(shown.sum, make("p", {}, make("b", {}, `$${bill.charged}`), ` charged, $${bill.open} still open, ${bill.creates} paid requests`));
  fill(shown.tasks, bill.tasks.map((task) => make("div", { class: `task ${task.state}` }, make("b", {}, task.charged === null ? `${task.state} ${task.progress} %` : `$${task.charged}`), make("span", {}, `${task.prompt.slice(0, 60) || "(no prompt)"}`), make("span", { class: "small" }, `${task.vendor} · ${task.what} · ${task.state}`))));
}

function line(one) {
  const bad = one.status === null || one.status >= 400;
  const time = new Date(one.at * 1000).toLocaleTimeString([], { hour12: false });
  const status = one.status ?? (one.ms === null ? "…" : "cut");
  return make("div", { class: `line ${one.to}${bad ? " bad" : ""}` }, make("span", {}, time), make("b", {}, one.to), make("span", { class: "path", title: one.path }, `${one.method} ${one.path}`), make("span", {}, `${status}${one.ms === null ? "" : ` · ${one.ms} ms`}`));
}
