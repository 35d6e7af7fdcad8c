import { Aws, Fn } from 'aws-cdk-lib';

/** Of the stack's id, which no other stack ever has: eight digits. What outlives a stack of the same name does not pass for this one's. */
export function stackCreation(): string {
  return Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
}
