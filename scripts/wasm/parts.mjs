// The parts into which the page's module is split, in the order in which they are loaded.

/** What a player runs, what the page runs beyond that, everything else. */
export const PARTS = [0, 1, 2];
export const [PLAYER, PAGE, REST] = PARTS;
