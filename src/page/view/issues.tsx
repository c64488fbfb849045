/** Issues, worst first: what is wrong, what to do, where it is, and what its code means. */
import type { Severity } from "../answer.ts";
import type { Mark } from "../mark/marks.ts";
import { explainCode } from "../text/explain.ts";
import { Sentence } from "./text.tsx";

const NAMES: Readonly<Record<Severity, string>> = {
  deny: "Refused",
  error: "Error",
  warning: "Warning",
  info: "Note",
};

const MEANINGS: Readonly<Record<Severity, string>> = {
  deny: "always refuses the pod",
  error:
    "the injector refuses the pod, or its task starts without its secret; the pod is refused under policy.strict, and warned about otherwise",
  warning: "the pod is allowed, and its author warned",
  info: "shown in previews only",
};

interface Props {
  readonly marks: readonly Mark[];
  readonly onReveal: (mark: Mark) => void;
  readonly onFix: (mark: Mark) => void;
}

/** The list of issues; nothing if there are none. */
export function Issues({ marks, onReveal, onFix }: Props) {
  if (marks.length === 0) return null;
  return (
    <ul class="issues" aria-label="Issues, worst first">
      {marks.map((mark, i) => (
        <IssueItem key={i} mark={mark} onReveal={onReveal} onFix={onFix} />
      ))}
    </ul>
  );
}

interface ItemProps extends Pick<Props, "onReveal" | "onFix"> {
  readonly mark: Mark;
}

function IssueItem({ mark, onReveal, onFix }: ItemProps) {
  const { issue, place, fix } = mark;
  return (
    <li class={`issue ${issue.severity}`}>
      <span class="dot" aria-hidden="true" />
      <span class="what">
        <strong class="severity">{NAMES[issue.severity]}</strong> <Sentence text={issue.message} />
      </span>
      {place ? (
        <button type="button" class="link where" onClick={() => onReveal(mark)}>
          line {place.line}
        </button>
      ) : (
        <span />
      )}
      <div class="then">
        <Sentence text={issue.help} />{" "}
        {fix && (
          <button type="button" class="link" title={fix.effect} onClick={() => onFix(mark)}>
            {fix.label}
          </button>
        )}{" "}
        <details class="explain">
          <summary>
            <span class="code">{issue.code}</span> · <span class="link">explain</span>
          </summary>
          <Explanation mark={mark} />
        </details>
      </div>
    </li>
  );
}

function Explanation({ mark: { issue } }: { readonly mark: Mark }) {
  const general = explainCode(issue.code);
  return (
    <dl>
      <dt>Severity</dt>
      <dd>
        {issue.severity}: {MEANINGS[issue.severity]}
      </dd>
      {general !== undefined && (
        <>
          <dt>In general</dt>
          <dd>{general}</dd>
        </>
      )}
      <dt>Elsewhere</dt>
      <dd>
        <code>flyte-vault-webhook explain {issue.code}</code>
      </dd>
    </dl>
  );
}
