/** Starts the page, with what a shared link brings. */
import { render } from "preact";
import { decodeShare } from "./input/share.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("page");
if (root) render(<App initial={await decodeShare(location.hash)} />, root);
