/** What a completion is made of. */

/** One completion. */
export interface Offer {
  readonly label: string;
  /** What is inserted, where it is more than the label. */
  readonly insert?: string;
  /** In a few words, beside the label. */
  readonly detail?: string;
  /** In a sentence, for the one that is chosen. */
  readonly info?: string;
}
