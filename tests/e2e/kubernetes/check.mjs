// Checks manifests: node check.mjs validate FILE...   by the schemas, and by the compiler as typed literals without unknown fields
//                   node check.mjs same A,A... B,B... that two lists of files have the same documents
// Run it in the directory of node_modules. Prints what is wrong, and then exits with 1.
import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import YAML from "yaml";
import ts from "typescript";

const packages = { "monitoring.coreos.com": "@kubernetes-models/prometheus-operator" };

function documents(file) {
  return YAML.parseAllDocuments(fs.readFileSync(file, "utf8"), { uniqueKeys: true, strict: true }).map((document) => {
    if (document.errors.length) throw new Error(`${file}: ${document.errors[0]}`);
    return document.toJS();
  }).filter((each) => each !== null);
}

// { apiVersion: apps/v1, kind: Deployment } -> kubernetes-models/apps/v1/Deployment
function modelOf({ apiVersion, kind }) {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return `${packages[group] ?? "kubernetes-models"}/${apiVersion}/${kind}`;
}

async function validate(files) {
  const literals = [];
  const problems = [];
  for (const file of files) {
    for (const [index, document] of documents(file).entries()) {
      const where = `${path.basename(file)}#${index} ${document.kind}`;
      const name = `Model${literals.length}`;
      try {
        const model = await import(modelOf(document));
        new model[document.kind](document).validate();
      } catch (error) {
        problems.push(`${where}: ${error.message}`);
        continue;
      }
      literals.push(`// ${where}\nimport { I${document.kind} as ${name} } from "${modelOf(document)}";\n` +
        `export const a${name}: ${name} = ${JSON.stringify(document, null, 1)};\n`);
    }
  }
  const source = path.resolve(`literals-${process.pid}.ts`);
  fs.writeFileSync(source, literals.join("\n"));
  try {
    const program = ts.createProgram([source], {
      strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    for (const each of ts.getPreEmitDiagnostics(program)) {
      const line = each.file ? each.file.getLineAndCharacterOfPosition(each.start).line : 0;
      const above = each.file?.text.split("\n").slice(0, line + 1).findLast((text) => text.startsWith("// "));
      problems.push(`${above ?? ""}: ${ts.flattenDiagnosticMessageText(each.messageText, "\n")}`);
    }
  } finally {
    fs.rmSync(source);
  }
  if (!literals.length) problems.push("nothing was checked");
  return problems;
}

// Removes the labels that helm adds, which do not count as a difference.
function bare(document) {
  for (const name of ["app.kubernetes.io/managed-by", "helm.sh/chart"]) delete document.metadata.labels?.[name];
  return document;
}

function same(left, right) {
  const named = (files) => Object.fromEntries(files.split(",").flatMap(documents).map((each) =>
    [`${each.kind}/${each.metadata.name}`, bare(each)]).sort(([a], [b]) => (a < b ? -1 : 1)));
  try {
    assert.deepStrictEqual(named(left), named(right));
    return [];
  } catch (error) {
    return [error.message];
  }
}

const [command, ...rest] = process.argv.slice(2);
const problems = await { validate: () => validate(rest), same: () => same(...rest) }[command]();
for (const each of problems) console.error(each);
process.exitCode = problems.length ? 1 : 0;
