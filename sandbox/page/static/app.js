// The page: who looks, where, and what is drawn when something changes.
import { fill, find, make } from "./elements.js";
import { perform } from "./acting.js";
import { isCommand, pickCommand, suggestCommands } from "./command.js";
import { forgetDraft } from "./composer.js";
import { drawMessages, jumpTo } from "./messages.js";
import { drawPanel } from "./panel.js";
import { channel, listen, parts, place, whenChanged } from "./place.js";

const LOCALES = ["en-US", "en-GB", "de", "fr", "es-ES", "it", "pt-BR", "pl", "nl", "ru", "uk", "tr", "ja", "ko", "zh-CN"];
const read = {};
let target = null;
let isPanelOpen = false;

// The address says who looks and where: #member/1234, perhaps with the message to jump to.
function go() {
  const [role, key, message] = location.hash.slice(1).split("/");
  forgetDraft();
  Object.assign(place, { role: role || "member", channel: key || "" });
  target = message || null;
  showPlaces(false);
  listen({ panel: isPanelOpen });
}

const to = (role, key) => { location.hash = `${role}/${key}`; };

whenChanged((changed) => {
  if (!place.channel) return to(place.role, parts.channels[0].key);
  if (changed.has("people") || changed.has("viewer")) drawViewer();
  if (changed.has("channels") || changed.has("viewer")) drawChannels();
  if (changed.has("bot")) drawBot();
  if (changed.has("commands") && isCommand(find("text").value) && !find("text").hidden) suggestCommands(find("text").value);
  drawMessages(changed);
  drawPanel(changed);
  if (target) jumpTo(target);
  return void (target = null);
});

function drawViewer() {
  const roles = parts.people.filter((one) => one.role);
  fill(find("role"), roles.map((one) => make("option", { value: one.role, selected: one.role === parts.viewer.role }, one.is_inside ? one.role : `${one.role} (not in the server)`)));
  fill(find("locale"), LOCALES.map((name) => make("option", { value: name, selected: name === parts.viewer.locale }, name)));
}

function drawChannels() {
  read[place.channel] = channel(place.channel)?.latest;
  fill(find("channels"), parts.channels.map((one) => {
    const isNew = one.latest && read[one.key] !== one.latest && place.channel !== one.key;
    const marks = [one.is_age_restricted && "🔞", one.is_silent && "🔇"].filter(Boolean).join(" ");
    const about = [one.is_age_restricted && "age-restricted", one.is_silent && "the bot may not post", isNew && "new messages"].filter(Boolean).join(", ");
    return make("li", {}, one.key === "dm" && make("p", { class: "small" }, "Direct messages"),
      make("a", { href: `#${place.role}/${one.key}`, "data-key": one.key, "aria-current": one.key === place.channel ? "page" : null, class: isNew ? "new" : "", title: about }, make("span", { "aria-hidden": "true" }, one.key === "dm" ? "@" : "#"), one.name, make("span", { class: "marks" }, marks)));
  }));
  const here = channel(place.channel);
  const name = find("title").textContent = here ? `${here.key === "dm" ? "@" : "#"}${here.name}` : "Nothing to see";
  document.title = `${name} · Matinee sandbox`;
  find("welcome-title").textContent = here ? `Welcome to ${name}` : `A ${place.role} cannot see this channel`;
  find("text").placeholder = here ? "Message, or / for commands" : "";
}

function drawBot() {
  const { running, connected } = parts.bot;
  find("bot-state").textContent = connected ? "Matinee is online" : running ? "Matinee is starting" : "Matinee is not running";
  find("bot-state").className = connected ? "on" : running ? "starting" : "off";
}

function showPlaces(isOpen) {
  document.body.classList.toggle("places-open", isOpen);
  find("open-places").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) find("channels").querySelector("a")?.focus();
}

function togglePanel() {
  isPanelOpen = !isPanelOpen;
  find("panel").hidden = !isPanelOpen;
  find("open-panel").setAttribute("aria-expanded", String(isPanelOpen));
  listen({ panel: isPanelOpen });
}

find("role").addEventListener("change", (event) => to(event.target.value, event.target.value === "stranger" ? "dm" : place.channel));
find("locale").addEventListener("change", (event) => perform("locale", { locale: event.target.value }));
find("open-panel").addEventListener("click", togglePanel);
find("open-places").addEventListener("click", () => showPlaces(!document.body.classList.contains("places-open")));
find("begin").addEventListener("click", () => { find("text").value = "/video"; pickCommand(); });
find("scroll").addEventListener("click", () => showPlaces(false));
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); find("text").focus(); });
window.addEventListener("hashchange", go);
go();
