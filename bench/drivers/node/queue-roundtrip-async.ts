// The same as through a pipe: messages there and back.
import './pipe-roundtrip-async.ts';
