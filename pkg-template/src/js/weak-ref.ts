// `WeakRef` for hosts that may lack it, in the place of the global, as in the glue.

export { WeakRef } from '#js-glue';
