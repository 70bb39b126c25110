// A package has the name of its exercise here.
globalThis.exerciseOfPackage = "";
