/** Starts the page. */
import { render } from "preact";

const root = document.getElementById("page");
if (root) render(<h1>flyte-vault-webhook</h1>, root);
