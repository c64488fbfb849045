/** The document before and after, as YAML. */
import { useEffect, useRef } from "preact/hooks";
import { getByPointer } from "../../core/patch/pointer.ts";
import { renderYaml } from "../../core/yaml.ts";
import { createDiff } from "../editor/diff.ts";
import type { Shown } from "../state.ts";

/** The diff of one pod; drawn by CodeMirror, so the element is filled after it is mounted. */
export function Diff({ shown, open }: { readonly shown: Shown; readonly open: number }) {
  const host = useRef<HTMLDivElement>(null);
  const target = shown.input.targets[open];
  const result = shown.answer.results[open];
  useEffect(() => {
    if (!host.current || !target || !result) return undefined;
    const before = renderYaml([getByPointer(shown.input.documents[target.document], target.owner)]);
    const view = createDiff(host.current, before, renderYaml([result.object]));
    return () => view.destroy();
  }, [shown, target, result]);
  if (result?.patch.length === 0) return <p class="nothing">Nothing is changed.</p>;
  return <div ref={host} class="diff" />;
}
