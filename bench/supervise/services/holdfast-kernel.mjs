// An entry of its own beside the gateway's: a kernel's program lies in another folder of the build.
import './holdfast.mjs';
