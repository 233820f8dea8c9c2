/** The help of `polyproc map`. */
export const USAGE = `usage: polyproc map [OPTIONS] MODULE#FUNCTION [INPUT…]

Calls a function for every line of the INPUT files (or of standard input), on all cores, and writes what it returns to
standard output: one line of JSON for each, in the order of the input. An async function is awaited.

  MODULE      a path, a file: URL, or the name of a package, as seen from the current directory
  FUNCTION    what it exports; "default" if left out; "a.b" for a member of what it exports
  INPUT       a file; "-" is standard input

What the items are
  --jsonl                 each line is parsed as JSON
  --files                 each INPUT is a path, and given to the function as it is; without INPUT, each line is one
How they are done
  -p, --processes N       how many at a time; by default as many as there are usable processors
      --chunksize N       how many a process is sent at a time; by default chosen by how long they take
      --timeout MS        a call that takes longer fails, and its process is killed
      --retries N         how often an item that fails is tried again
      --start-method M    forkserver, spawn or fork
What becomes of the results
      --unordered         each as soon as it is there
  -o, --output FILE       written to FILE, which is emptied first
      --resume FILE       records in FILE how far the run has come; if FILE is there, goes on from there (with --output)
  -k, --keep-going        items that fail do not end the run; each is a line of JSON on standard error
      --errors FILE       … or in FILE, which is emptied first
      --no-progress       no progress bar; there is none either where standard error is no terminal
      --progress          a progress bar even if results are written to the same terminal
  -h, --help              this text

Exit codes: 0: all is done; 1: an item has failed, or the run had to be ended; 2: the command line makes no sense.
`;
