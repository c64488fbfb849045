/** Starts the page, with what a shared link brings. */
import { render } from "preact";
import { decodeShare } from "./input/share.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("page");
const initial = await decodeShare(location.hash);
if (root) {
  // The heading that the document brings is on the screen by now; the page draws its own in the same place.
  root.replaceChildren();
  render(<App initial={initial} />, root);
}
