/** The page with nothing in it: what it does, and three ways to begin. */
import { EXAMPLES } from "../input/examples.ts";
import type { Action } from "../state.ts";

/** Shown until something is typed. */
export function Start({ dispatch }: { readonly dispatch: (action: Action) => void }) {
  return (
    <div class="start">
      <h2>See what a pod would get before it exists</h2>
      <p>
        Paste a pod, a workload or a <code>flyte.Secret(…)</code> on the left, or drop a file on it. The
        server reviews it through the same code as the cluster's requests, and shows every annotation with who
        decided it. It stores nothing, and sees no secret's value.
      </p>
      <ul class="examples" aria-label="Examples">
        {EXAMPLES.map(({ name, shows, inputs }) => (
          <li key={name}>
            <button type="button" onClick={() => dispatch({ kind: "loaded", inputs })}>
              <strong>{name}</strong>
              <span>{shows}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** For a pod without requests: what one looks like. */
export function HowToAsk() {
  return (
    <div class="how">
      <p>
        A task asks for a secret in its decorator, and Flyte writes the request on its pod. Paste such a line
        anywhere on this page to add one:
      </p>
      <pre>
        {`Secret(group="secret/data/team", key="api-key")  # flytekit
flyte.Secret("api-key", group="secret/data/team", mount="/etc/flyte/secrets")  # v2 SDK`}
      </pre>
    </div>
  );
}
