/** Tabs, by the pattern of the ARIA Authoring Practices: arrows move, the chosen one is in the tab order. */

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: string;
  /** Behind the label, dimmed; absent where there is nothing to count. */
  readonly count?: number | undefined;
}

interface Props<Id extends string> {
  readonly label: string;
  /** Element that the tabs turn. */
  readonly panel: string;
  readonly tabs: readonly Tab<Id>[];
  readonly chosen: Id;
  readonly onChoose: (id: Id) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** A row of tabs; arrow keys move the choice, and `panel` is the id of the element that the tabs control. */
export function Tabs<Id extends string>({ label, panel, tabs, chosen, onChoose }: Props<Id>) {
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex(({ id }) => id === chosen);
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : at + (STEPS[event.key] ?? 0);
    const next = tabs[(to + tabs.length) % tabs.length];
    if (to === at || !next) return;
    event.preventDefault();
    onChoose(next.id);
    document.getElementById(`${panel}-${next.id}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map(({ id, label: text, count }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`${panel}-${id}`}
          aria-selected={id === chosen}
          aria-controls={panel}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {text}
          {count !== undefined && <span class="count">{count}</span>}
        </button>
      ))}
    </div>
  );
}
