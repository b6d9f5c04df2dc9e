// Where one looks from (who, which channel), what is known there, and how the server is asked.
export const place = { role: "member", channel: "" };
export const parts = {};
const token = document.querySelector("meta[name=token]").content;
const listeners = [];
let source = null;
export const own = (path) => (path.startsWith("/") ? `${path}?token=${token}` : path);
export const whenChanged = (listener) => listeners.push(listener);
export const person = (id) => parts.people?.find((one) => one.id === id);
export const channel = (key) => parts.channels?.find((one) => one.key === key);

export async function ask(path, words, files = []) {
  const body = new FormData();
  body.append("words", JSON.stringify(words));
  for (const [name, file] of files) body.append(name, file, file.name);
  try {
    const headers = { "X-Sandbox-Token": token };
    const response = await fetch(`${path}?as=${place.role}`, { method: "POST", headers, body });
    return response.ok ? await response.json() : { refused: await response.text() };
  } catch {
    return { refused: "The sandbox does not answer. Is it still running in its terminal?" };
  }
}

// Listens for what changes; each event names the parts that are new, and null for those that are gone.
export function listen({ panel }) {
  source?.close();
  const query = new URLSearchParams({ as: place.role, channel: place.channel || "dm", token });
  if (panel) query.set("panel", "1");
  source = new EventSource(`/events?${query}`);
  source.addEventListener("fresh", (event) => {
    const before = Object.keys(parts);
    for (const name of before) delete parts[name];
    take(JSON.parse(event.data), before);
  });
  source.addEventListener("parts", (event) => take(JSON.parse(event.data), []));
}

function take(news, before) {
  Object.assign(parts, news);
  for (const name of Object.keys(news)) if (news[name] === null) delete parts[name];
  const changed = new Set([...before, ...Object.keys(news)]);
  for (const listener of listeners) listener(changed);
}
