// Does what a member wants, and shows what came of it: words that say why not, or a form that opens.
import { fill, find, make } from "./elements.js";
import { openForm } from "./form.js";
import { ask } from "./place.js";

export const named = (message) => ({ channel_id: message.channel_id, message: message.id });

// What could not be done; nothing with an empty text.
export function say(words) {
  fill(find("notice"), words && [make("span", {}, words), make("button", { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => say("") }, "✕")]);
}

export async function perform(deed, words, files) {
  say("");
  const outcome = await ask(`/do/${deed}`, words, files);
  say(outcome.refused ?? "");
  if (outcome.form) openForm(outcome.form, outcome.interaction);
  return outcome;
}
