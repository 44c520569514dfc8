// Can this machine have lines between people and server? If not it says why and ends with 1.
import { impossible } from './rig.mjs';

const why = impossible();
if (why) console.log(`The suite "lines" is SKIPPED. ${why}`);
process.exit(why ? 1 : 0);
