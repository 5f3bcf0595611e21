/** Version of the whole product: all processes of a stack are of one build. */
export const VERSION = '0.1.0';
