// What the project promises of its speed beside others, as ratios within one run.
import type { Figure } from "../measure.ts";
import type { Step } from "./contender.ts";

export interface Judged {
  text: string;
  ratio: number;
  bar: number;
  met: boolean;
}

interface Bar {
  ours: readonly [string, Step];
  theirs: readonly [string, Step];
  /** At most so many times theirs. */
  most: number;
  /** The smallest fleet that it is about. */
  from: number;
}

const us = "this package";

const all: readonly Bar[] = [
  { ours: [us, "first apply"], theirs: ["ssh and the host program", "first apply"], most: 1.25, from: 100 },
  { ours: [us, "first apply"], theirs: ["Ansible, 5 forks", "first apply"], most: 0.1, from: 100 },
  { ours: [us, "first apply"], theirs: ["pyinfra", "first apply"], most: 1, from: 100 },
  { ours: [us, "nothing to do"], theirs: ["as many empty resources", "nothing to do"], most: 1.15, from: 1 },
  { ours: [us, "audit"], theirs: ["pyinfra", "nothing to do"], most: 1, from: 100 },
];

/** By minima, which other work on the machine disturbs least. */
export function bars(hosts: number, figures: readonly Figure[]): Judged[] {
  const minimum = ([name, step]: readonly [string, Step]) =>
    figures.find((figure) => figure.name === `${name}: ${step}`)?.minimum ?? Number.NaN;
  return all
    .filter(({ from }) => hosts >= from)
    .map(({ ours, theirs, most }) => {
      const ratio = minimum(ours) / minimum(theirs);
      const met = ratio <= most;
      const text = `${met ? "met" : "MISSED"}: ${ours.join(", ")} is ${ratio.toFixed(2)} times ${theirs.join(", ")}; at most ${most}`;
      return { text, ratio, bar: most, met };
    });
}
