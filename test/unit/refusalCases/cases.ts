/** Arguments, and what is said of them behind the host's name. */
export type Case = [args: object, message: string];

export const isOutput = "is an output; use a plain value, known before anything runs";
