/* What analysts say of alerts: that they are false, and that they are not. */
import { clean, element } from "./rows.js";
import { button } from "./words.js";

/* What a mark brings about. */
export const marked = { allow_list: "Marked as false: on the allow-list", training: "Marked as false: learned next time", both: "Marked as false: on the allow-list, and learned next time" };
const scopes = (becomes, alert) => [
  becomes !== "training" && `Holds back alerts of ${clean(alert.mark_scope ?? "the same ends and service, for 30 days")}.`,
  becomes !== "allow_list" && "The next training learns that this flow is usual; until then alerts like it go on unless they are allowed.",
].filter(Boolean).join(" ");

/* Tells the sensor of a mark, and the reader what it says. */
const tell = async (method, id, send, answer, words) => {
  send.disabled = true;
  try {
    const body = words && { headers: { "content-type": "application/json" }, body: JSON.stringify(words) };
    const reply = await fetch(`/api/alerts/${encodeURIComponent(id)}/false`, { method, ...body });
    answer.textContent = reply.status === 401 ? "The page asks for its token again: open it as /?token=… once more." : (await reply.json()).message;
    send.disabled = reply.ok;
  } catch {
    answer.textContent = "The sensor does not answer.";
    send.disabled = false;
  }
};

/* A button that takes a mark back. */
export const takeBack = (id, answer) => {
  const made = button("", "Take it back", () => tell("DELETE", id, made, answer));
  return made;
};

/* What an analyst can say of it. */
export const marking = (alert) => {
  const { becomes, waits, failed } = alert.mark;
  const part = (...children) => [element("div", "marking", element("h3", "", "A false alarm?"), ...children)];
  const trouble = failed ? [element("p", "alarming", `The sensor did not do it: ${clean(failed)}`)] : [];
  if (waits) return part(element("p", "muted", "The sensor has been told, and has not answered yet."));
  if (becomes) {
    const answer = element("output", "muted");
    return part(...trouble, element("p", "", `${marked[becomes]}.`), takeBack(alert.id, answer), answer);
  }
  const select = element("select", "");
  select.ariaLabel = "What becomes of it";
  for (const [value, text] of [["allow_list", "allow it for 30 days"], ["training", "learn it next time"], ["both", "allow it, and learn it"]]) {
    const option = element("option", "", text);
    option.value = value;
    select.append(option);
  }
  const note = element("input", "");
  note.placeholder = "why, in a few words";
  note.ariaLabel = "Why the alert is false";
  note.maxLength = 300;
  note.required = true;
  const scope = element("p", "muted scope");
  const explain = () => { scope.textContent = scopes(select.value, alert); };
  const answer = element("output", "muted");
  const send = button("", "Mark as false", () => tell("POST", alert.id, send, answer, { becomes: select.value, note: note.value }));
  const ready = () => { send.disabled = note.value.trim() === ""; };
  note.addEventListener("input", ready);
  note.addEventListener("keydown", (event) => { if (event.key === "Enter" && !send.disabled) send.click(); });
  select.addEventListener("input", explain);
  explain();
  ready();
  return part(...trouble, select, note, send, scope, answer);
};
