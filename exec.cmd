@rem What exec is to a shell: npm scripts begin with it, so that a signal to npm reaches what they run.
@%*
