// The forms that the bot opens, filled in and sent.
import { fill, find, make } from "./elements.js";
import { choices, options } from "./components.js";
import { markdown } from "./markdown.js";
import { ask } from "./place.js";

const SELECTS = [3, 5, 6, 7, 8];

export function openForm(form, interaction) {
  const dialog = find("dialog");
  const fields = [];
  const refused = make("p", { class: "refused", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(fields.filter((field) => field.value).map((field) => [field.id, field.value()]));
    const files = fields.filter((field) => field.files).flatMap((field) => [...field.files()].map((file) => [field.id, file]));
    const outcome = await ask("/do/submit", { interaction, fields: values }, files);
    refused.textContent = outcome.refused ?? "";
    if (outcome.refused) return;
    dialog.close();
    if (outcome.form) openForm(outcome.form, outcome.interaction);
  };
  fill(dialog, make("form", { onsubmit: send, "aria-label": form.title },
    make("h2", {}, form.title), make("p", { class: "small" }, "This form is from Matinee. Do not share passwords or other secrets."),
    form.components.map((item) => row(item, fields)), refused,
    make("div", { class: "row end" }, make("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, "Cancel"), make("button", { class: "button primary" }, "Submit"))));
  dialog.showModal();
}

function row(item, fields) {
  if (item.type === 10) return make("div", { class: "text" }, markdown(item.content));
  if (item.type === 1) return item.components.map((child) => labelled(child.label, null, child, fields));
  return labelled(item.label, item.description, item.component, fields);
}

function labelled(label, description, field, fields) {
  const { element, ...reading } = control(field);
  fields.push({ id: field.custom_id, ...reading });
  const star = field.required === false || field.type === 23 ? null : make("span", { class: "refused", "aria-hidden": "true" }, " *");
  const tag = [21, 22].includes(field.type) ? "fieldset" : "label";
  return make(tag, { class: "field" }, make(tag === "label" ? "span" : "legend", {}, label ?? field.custom_id, star), description && make("span", { class: "small" }, description), element);
}

function control(field) {
  const required = field.required !== false;
  if (field.type === 4) return textInput(field, required);
  if (field.type === 19) {
    const input = make("input", { type: "file", multiple: (field.max_values ?? 1) > 1, required });
    return { element: input, files: () => input.files };
  }
  if (field.type === 23) {
    const input = make("input", { type: "checkbox", checked: Boolean(field.default) });
    return { element: input, value: () => input.checked };
  }
  return SELECTS.includes(field.type) ? select(field, required) : group(field);
}

function textInput(field, required) {
  const limits = { required, maxlength: String(field.max_length ?? 4000), minlength: field.min_length ? String(field.min_length) : null, placeholder: field.placeholder };
  const input = field.style === 2 ? make("textarea", { ...limits, rows: "4" }) : make("input", limits);
  input.value = field.value ?? "";
  return { element: input, value: () => input.value };
}

function select(field, required) {
  const multiple = (field.max_values ?? 1) > 1;
  const empty = multiple ? [] : [make("option", { value: "" }, field.placeholder ?? "Make a selection")];
  const list = make("select", { required, multiple }, empty, options(field));
  return { element: list, value: () => [...list.selectedOptions].map((one) => one.value).filter(Boolean) };
}

function group(field) {
  const single = field.type === 21;
  const boxes = choices({ ...field, type: 3 }).map((one) => {
    const input = make("input", { type: single ? "radio" : "checkbox", name: field.custom_id, value: one.value, checked: Boolean(one.default) });
    return make("label", {}, input, ` ${one.label}`, one.description && make("span", { class: "small" }, ` ${one.description}`));
  });
  const element = make("div", {}, boxes);
  const chosen = (box) => [...box.querySelectorAll("input:checked")].map((input) => input.value);
  return { element, value: () => (single ? chosen(element)[0] ?? null : chosen(element)) };
}
