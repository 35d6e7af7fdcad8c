type Methods<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Promise<Result>
    : never;
};

/**
 * A port whose making is put off until it is asked for something: most starts need no S3, and reading its client
 * takes longer than all of our own code. For ports of asynchronous methods alone. Made once; after a failure again.
 */
export function lazily<Port extends Methods<Port>>(make: () => Promise<Port>): Port {
  let made: Promise<Port> | undefined;
  function get(): Promise<Port> {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  }
  const answer = (_: object, name: string) => {
    const ask: (...args: never[]) => Promise<unknown> = async (...args) => {
      const port = await get();
      return port[name as keyof Port](...args);
    };
    return ask;
  };
  return new Proxy({}, { get: answer }) as Port;
}
