/** The part of Standard Schema (https://standardschema.dev, version 1) that validates a plugin's options. */

/** A schema of any library that follows the standard. */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** The result of validating a value: the parsed value, or issues. */
type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One validation error. */
export interface SchemaIssue {
  readonly message: string;
  /** Keys from the options down to the invalid value; absent or empty for the options themselves. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
