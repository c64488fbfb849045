/** The files that the task finds, and the line of Python that reads each. */
import type { Result } from "../answer.ts";
import type { Inputs } from "../input/inputs.ts";
import { listFiles } from "../text/files.ts";
import { Plain } from "./text.tsx";

interface Props {
  readonly result: Result;
  readonly flyte: Inputs["flyte"];
  readonly onCopy: (text: string) => void;
}

const CLIENTS = { v1: "flytekit", v2: "v2 SDK" } as const;
const READERS: Readonly<Record<string, string>> = {
  flyte: "Flyte's own name",
  flytekit: "where flytekit looks",
  "flyte-sdk": "where the v2 SDK's example looks",
};

/** The list of files, each with the Python that reads it; the client of the chosen version of Flyte comes first. */
export function Files({ result, flyte, onCopy }: Props) {
  const files = listFiles(result);
  if (files.length === 0) return <p class="nothing">No file is written for this pod.</p>;
  const clients = flyte === "v2" ? (["v2", "v1"] as const) : (["v1", "v2"] as const);
  return (
    <ul class="files">
      {files.map((file) => (
        <li key={file.path}>
          <code class="path">
            <Plain text={file.path} />
          </code>
          <p class="dim">
            {file.readers.map((reader) => READERS[reader] ?? reader).join(", ")} · from{" "}
            <code>
              <Plain text={`${file.group}#${file.key}`} />
            </code>{" "}
            · asked for by <Plain text={file.annotation} />
          </p>
          {file.changes.map((change) => (
            <p class="dim" key={change}>
              <Plain text={change} />
            </p>
          ))}
          {clients.map((client) => (
            <div class="python" key={client}>
              <span class="client">{CLIENTS[client]}</span>
              <code>
                <Plain text={file[client]} />
              </code>
              <button type="button" class="link" onClick={() => onCopy(file[client])}>
                copy<span class="hidden"> the line for {CLIENTS[client]}</span>
              </button>
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
