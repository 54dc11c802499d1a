// Every page works without this. It starts GOV.UK Frontend's parts, and unfolds for paper what is folded on a screen.
import { initAll } from "./govuk-frontend.min.js";

initAll();

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
