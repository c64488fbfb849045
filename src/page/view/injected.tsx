/** The pod as it would run: what the server's model of the injector adds. A model, and labelled as one. */
import type { Injected } from "../answer.ts";
import { listParts } from "../text/injected.ts";
import { HiddenHead, Plain } from "./text.tsx";

/** Lists what the injector would add: containers, volumes and mounts. */
export function AfterInjector({ injected }: { readonly injected: Injected }) {
  return (
    <>
      <p class="lead dim">
        What a model of vault-k8s {injected.version} makes of the pod. The cluster's own injector decides.
      </p>
      {injected.allowed ? (
        <Added injected={injected} />
      ) : (
        <p class="refusal">{injected.message ?? "Refused"}</p>
      )}
      {injected.agent !== undefined && injected.agent !== null && (
        <>
          <h2>Configuration of the agent</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to without a mouse */}
          <section class="json" tabIndex={0} aria-label="Configuration of the agent">
            <pre>{JSON.stringify(injected.agent, null, 2)}</pre>
          </section>
        </>
      )}
    </>
  );
}

function Added({ injected: { patch, message } }: { readonly injected: Injected }) {
  if (patch.length === 0) return <p class="refusal">{message ?? "Nothing is added."}</p>;
  return (
    <table class="rows">
      <HiddenHead columns={["Part", "Name", "Details"]} />
      <tbody>
        {patch.flatMap(listParts).map(({ part, name, details }, i) => (
          <tr key={i}>
            <th scope="row">{part}</th>
            <td>
              <code>
                <Plain text={name} />
              </code>
            </td>
            <td class="dim">
              <Plain text={details} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
