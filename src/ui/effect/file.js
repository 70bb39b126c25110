// Reads the files that an event brought, each only so far as one can be of use: [[name, text], ...].
export async function read_files(event, most) {
  const files = [...(event.target?.files ?? []), ...(event.dataTransfer?.files ?? [])].slice(0, 500);
  const read = async (file) => [file.name, await file.slice(0, most).text()];
  const all = await Promise.all(files.map((file) => read(file).catch(() => [file.name, ""])));
  // The same file can be chosen again.
  if (event.target?.files) event.target.value = "";
  return all;
}
