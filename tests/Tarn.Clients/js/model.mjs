// Prints every operation's request from S3's model, as in the installed @aws-sdk/client-s3: name, method, path, the query of the
// path, header names and query parameters, tab-separated, - for none. tests/Tarn.Tests/Golden/s3-model.tsv is this output.
import * as module from "@aws-sdk/client-s3";

const client = module.default ?? module;
const operationKind = 9;
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// The traits of a member: none, a number of flags, or an object with its place in the request.
const bindings = (members) => members.map((member) => (Array.isArray(member) ? member[1] : 0)).filter((traits) => typeof traits === "object");

function line([, , name, { http: [method, target] }, input]) {
  const [, , , , names = [], members = []] = input();
  const [path, query = ""] = target.split("?");
  const bound = bindings(members);
  const headers = bound.flatMap((traits) => traits.httpHeader?.toLowerCase() ?? (traits.httpPrefixHeaders ? `${traits.httpPrefixHeaders}*` : []));
  const parameters = bound.flatMap((traits) => traits.httpQuery ?? []);
  return [
    name,
    method,
    names.includes("Bucket") ? `/{Bucket}${path === "/" ? "" : path}` : path,
    query.split("&").filter((part) => !part.startsWith("x-id=")).join("&"),
    headers.sort(compare).join(" "),
    parameters.sort(compare).join(" "),
  ].map((column) => column || "-").join("\t");
}

const operations = Object.values(client).filter((schema) => Array.isArray(schema) && schema[0] === operationKind);
console.log(["operation", "method", "path", "query", "headers", "parameters"].join("\t"));
console.log(operations.map(line).sort(compare).join("\n"));
