// Makes a SCORM package of an exercise: the page as it is, the adapter, and a manifest.
import { strToU8, zipSync } from "fflate";

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const HEADS = {
  "1.2": `xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"`,
  2004: `xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"`,
};

export function manifest(version, slug, title, files) {
  const is12 = version === "1.2";
  const id = `statefulset-playground-${slug}`;
  const type = is12 ? "adlcp:scormtype" : "adlcp:scormType";
  const list = files.map((file) => `      <file href="${escape(file)}"/>`).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="${id}" version="1" ${HEADS[version]}>
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>${is12 ? "1.2" : "2004 4th Edition"}</schemaversion>
  </metadata>
  <organizations default="organization">
    <organization identifier="organization">
      <title>${escape(title)}</title>
      <item identifier="item" identifierref="resource">
        <title>${escape(title)}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="resource" type="webcontent" ${type}="sco" href="scorm/index.html">
${list}
    </resource>
  </resources>
</manifest>
`;
}

async function load(name) {
  const answer = await fetch(new URL(name, document.baseURI));
  if (!answer.ok) throw new Error(`${name}: HTTP ${answer.status}`);
  return answer;
}

export async function makePackage(version, slug, title) {
  const names = await (await load("files.json")).json();
  const content = {};
  for (const name of names) content[name] = new Uint8Array(await (await load(name)).arrayBuffer());
  content["scorm/exercise.js"] = strToU8(`globalThis.exerciseOfPackage = ${JSON.stringify(slug)};\n`);
  content["imsmanifest.xml"] = strToU8(manifest(version, slug, title, Object.keys(content)));
  return new Blob([zipSync(content, { level: 6 })], { type: "application/zip" });
}
