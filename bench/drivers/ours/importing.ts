/** The whole program whose time `import-cost` takes. */
import 'polyproc';
