#!/usr/bin/env bash
# Writes the software bill of materials of what ships, by CycloneDX: every package with its version, licence and hash.
# usage: eng/sbom.sh [FILE]; without one, artifacts/sbom/tarn.cdx.json. A release carries it beside its packages.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
file=$(realpath -m -- "${1:-$root/artifacts/sbom/tarn.cdx.json}")
cd "$root"
dotnet tool restore >/dev/null
dotnet build src/Tarn.Server/Tarn.Server.csproj -c Release -v q -nologo >/dev/null
build_only=Microsoft.CodeAnalysis.BannedApiAnalyzers,Microsoft.VisualStudio.Threading.Analyzers,Microsoft.NET.ILLink.Tasks,MinVer
version=$(dotnet artifacts/bin/Tarn.Server/release/tarn.dll --version)
dotnet tool run dotnet-CycloneDX -- src/Tarn.Server/Tarn.Server.csproj -rs -dpr -biop artifacts/obj -o "$(dirname "$file")" -fn "$(basename "$file")" \
  -F Json -ef "$build_only" -sn Tarn -sv "$version" -st Application
# The console's packages too: what its page has parts of.
(cd console && npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx) | node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const all = JSON.parse(readFileSync(process.argv[1], "utf8").replace(/^\uFEFF/, "")), console = JSON.parse(readFileSync(0, "utf8"));
  all.components.push(...console.components);
  (all.dependencies ??= []).push(...console.dependencies.filter(({ ref }) => ref !== console.metadata.component["bom-ref"]));
  writeFileSync(process.argv[1], JSON.stringify(all, null, 2) + "\n");' "$file"
