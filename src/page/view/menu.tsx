/** A button that opens a list of choices; Escape closes it, and so does leaving it. */
import { useRef } from "preact/hooks";

/** An entry of a menu. */
export interface Choice {
  readonly name: string;
  /** In a few words, below the name. */
  readonly shows?: string;
}

interface Props<T extends Choice> {
  readonly label: string;
  readonly choices: readonly T[];
  readonly disabled?: boolean;
  readonly onChoose: (choice: T) => void;
}

/** A menu; uses `<details>`, which opens without a script and is announced by screen readers. */
export function Menu<T extends Choice>({ label, choices, disabled = false, onChoose }: Props<T>) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = (backToButton: boolean) => {
    const element = details.current;
    if (!element?.open) return;
    element.open = false;
    if (backToButton) element.querySelector("summary")?.focus();
  };
  return (
    <details
      ref={details}
      class="menu"
      onKeyDown={(event) => event.key === "Escape" && close(true)}
      onFocusOut={(event) => {
        const next = event.relatedTarget;
        if (next instanceof Node && !details.current?.contains(next)) close(false);
      }}
    >
      <summary class={disabled ? "button disabled" : "button"} aria-disabled={disabled}>
        {label} <span aria-hidden="true">▾</span>
      </summary>
      <ul>
        {choices.map((choice) => (
          <li key={choice.name}>
            <button
              type="button"
              disabled={disabled}
              onClick={() => {
                close(true);
                onChoose(choice);
              }}
            >
              <span>{choice.name}</span>
              {choice.shows !== undefined && <small>{choice.shows}</small>}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
