// The commands of an operator, as they are to be typed: a host may say how they find its data. Pure.
import type { Position } from './state.ts';

export interface CommandPlace {
  readonly bucket: string;
  /** As the host has told. */
  readonly quarantineOptions: string | undefined;
}

export function showCommand(position: Position, place: CommandPlace): string {
  const options = place.quarantineOptions ?? `--bucket ${place.bucket}`;
  return `npm run quarantine -- show ${nameOf(position)} ${options}`;
}

export function redriveCommand(position: Position, place: CommandPlace): string {
  const options = place.quarantineOptions ?? `--bucket ${place.bucket} --brokers HOST:PORT`;
  return `npm run quarantine -- redrive ${nameOf(position)} ${options}`;
}

function nameOf({ topic, partition, offset }: Position): string {
  return `${topic}/${partition}/${offset}`;
}
