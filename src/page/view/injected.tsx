/** The pod as it would run: what the server's model of the injector adds. A model, and labelled as one. */
import { isObject } from "../../core/json.ts";
import { MODELLED_VERSION } from "../../injector/flags.ts";
import type { Injected, Operation } from "../answer.ts";
import { Plain } from "./text.tsx";

export function AfterInjector({ injected }: { readonly injected: Injected }) {
  return (
    <>
      <p class="dim">
        What a model of vault-k8s {MODELLED_VERSION} makes of the pod. The cluster's own injector decides.
      </p>
      {injected.allowed ? (
        <Added patch={injected.patch} />
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

function Added({ patch }: { readonly patch: readonly Operation[] }) {
  if (patch.length === 0) return <p class="nothing">The injector leaves the pod alone.</p>;
  return (
    <table class="rows">
      <thead class="hidden">
        <tr>
          <th scope="col">Part</th>
          <th scope="col">Name</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
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

/** One thing that the injector adds. */
interface Part {
  readonly part: string;
  readonly name: string;
  readonly details: string;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\/initContainers(\/[\d-]+)?$/, "init container"],
  [/\/containers\/[\d-]+$|\/containers$/, "container"],
  [/\/volumes(\/[\d-]+)?$/, "volume"],
  [/\/volumeMounts(\/[\d-]+)?$/, "mount"],
  [/\/metadata\/annotations/, "annotation"],
];

function listParts(operation: Operation): Part[] {
  const part = KINDS.find(([pattern]) => pattern.test(operation.path))?.[1] ?? operation.op;
  if (operation.op === "remove") return [{ part: "removed", name: operation.path, details: "" }];
  const values = Array.isArray(operation.value) ? operation.value : [operation.value];
  return values.map((value) => toPart(part, operation.path, value));
}

function toPart(part: string, path: string, value: unknown): Part {
  if (!isObject(value)) return { part, name: path, details: String(value) };
  const { name, mountPath, image, emptyDir } = value;
  const details = [image, mountPath, emptyDir === undefined ? undefined : "in memory"].filter(
    (one) => typeof one === "string",
  );
  return { part, name: typeof name === "string" ? name : path, details: details.join(" · ") };
}
