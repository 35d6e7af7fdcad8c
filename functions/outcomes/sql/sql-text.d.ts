// A `.sql` file as its text: the bundler and the tests load it so.
declare module '*.sql' {
  const text: string;
  export default text;
}
