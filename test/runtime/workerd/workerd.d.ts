/** What the package says of itself; it comes without declarations. */
declare module "workerd" {
  /** Path of the program for this platform. */
  const program: string;
  export default program;
  /** Newest behaviour that it knows, as a day. */
  export const compatibilityDate: string;
}
