/** In bytes: below this a lane of its own gains nothing that one can measure, and a connection more is opened for it. */
export const usualLaneFromBytes = 1024 * 1024;
