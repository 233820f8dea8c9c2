// The same as through a pipe: messages of a child.
import './pipe-oneway.ts';
