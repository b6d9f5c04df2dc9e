// The line at the bottom: plain messages with files, replies and edits; a command takes its place.
import { fill, find, make } from "./elements.js";
import { named, perform, say } from "./acting.js";
import { preview, summary } from "./components.js";
import { command, isCommand, leaveCommand, pickCommand, suggestCommands, take, sendCommand } from "./command.js";
import { listKey } from "./list.js";
import { place } from "./place.js";

const text = find("text");
const draft = { files: [], reply: null, edited: null };

export const replyTo = (message) => begin({ reply: message, edited: null });
export const edit = (message) => begin({ reply: null, edited: message });

function begin(doing) {
  Object.assign(draft, doing);
  if (doing.edited) text.value = doing.edited.content;
  showDraft();
  text.focus();
}

export function forgetDraft() {
  Object.assign(draft, { files: [], reply: null, edited: null });
  text.value = "";
  say("");
  leaveCommand();
  showDraft();
}

function showDraft() {
  const target = draft.reply ?? draft.edited;
  find("reply").hidden = !target;
  if (target) find("reply").firstElementChild.textContent = draft.edited ? "Editing your message" : `Replying to ${target.author.global_name || target.author.username}: ${summary(target).slice(0, 60)}`;
  fill(find("files"), draft.files.map((file, index) => make("li", {}, preview(file), file.name, make("button", { type: "button", class: "quiet", "aria-label": `Do not send ${file.name}`, onclick: () => { draft.files.splice(index, 1); showDraft(); } }, "✕"))));
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
}

function takeFiles(files) {
  if (command.chosen) return take([...files]);
  draft.files.push(...files);
  return showDraft();
}

async function send() {
  if (command.chosen) return sendCommand();
  if (isCommand(text.value) && !draft.edited) return pickCommand();
  const content = text.value.trim();
  const { files, reply, edited } = draft;
  if (!content && !files.length) return undefined;
  const words = { channel: place.channel, content, ...(reply && named(reply)) };
  forgetDraft();
  return edited ? perform("edit", { ...named(edited), content }) : perform("send", words, files.map((file) => ["file", file]));
}

find("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
text.addEventListener("input", () => { showDraft(); suggestCommands(text.value); });
text.addEventListener("keydown", (event) => {
  if (event.isComposing || listKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); }
});
find("composer").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (draft.reply || draft.edited) forgetDraft();
  else leaveCommand();
  say("");
  text.focus();
});
find("reply").lastElementChild.addEventListener("click", forgetDraft);
find("attach").firstElementChild.addEventListener("change", (event) => { takeFiles(event.target.files); event.target.value = ""; });
document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files ?? [];
  if (!files.length || find("dialog").open) return;
  event.preventDefault();
  takeFiles(files);
});
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.toggle("dropping", !find("dialog").open); });
document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (event.target.type === "file") return;
  event.preventDefault();
  if (!find("dialog").open) takeFiles(event.dataTransfer?.files ?? []);
});
