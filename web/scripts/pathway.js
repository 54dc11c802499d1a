// Every page works without this. It starts GOV.UK Frontend's parts, and unfolds for paper what is folded on a screen.
import { initAll } from "./govuk-frontend.min.js";

initAll();

// ARIA gives radio buttons no `aria-expanded` (WAI-ARIA 1.2), which GOV.UK Frontend sets on those that reveal a question.
const unsaid = "input[type=radio][aria-expanded]";
const unsay = () => document.querySelectorAll(unsaid).forEach((radio) => radio.removeAttribute("aria-expanded"));
unsay();
addEventListener("change", unsay);
addEventListener("pageshow", unsay);

const unfolded = [];

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    unfolded.push(details);
  }
});

addEventListener("afterprint", () => {
  for (const details of unfolded.splice(0)) {
    details.open = false;
  }
});

// A form that is begun is kept: a few seconds after a change, and when the page is left.
const A_WHILE = 3000;

function keepDraft(form) {
  const said = form.querySelector("[data-draft-said]");
  let changed = false;
  let handedIn = false;
  let timer;
  let going;

  function typed() {
    const fields = new URLSearchParams();
    const secret = new Set(Array.from(form.querySelectorAll("input[type=password]"), (input) => input.name));
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !secret.has(name)) {
        fields.append(name, value);
      }
    }
    fields.set("form", form.dataset.draft);
    return fields;
  }

  function say(text) {
    if (said) {
      said.textContent = text;
    }
  }

  async function keep() {
    changed = false;
    going = new AbortController();
    try {
      const answer = await fetch("/drafts", { method: "POST", body: typed(), redirect: "manual", signal: going.signal });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const clock = new Date().toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true });
      say(`Draft kept at ${clock.replace(/\s/g, "").toLowerCase()}`);
    } catch {
      if (!handedIn) {
        changed = true;
        say("Draft not kept: there is no connection, or you are no longer signed in. Your text is still here.");
      }
    }
  }

  function note() {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, A_WHILE);
  }

  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", () => {
    handedIn = true;
    clearTimeout(timer);
    going?.abort();
  });
  addEventListener("pagehide", () => {
    if (changed && !handedIn) {
      clearTimeout(timer);
      navigator.sendBeacon("/drafts", typed());
      changed = false;
    }
  });
  addEventListener("pageshow", () => {
    handedIn = false;
  });
}

document.querySelectorAll("form[data-draft]").forEach(keepDraft);
