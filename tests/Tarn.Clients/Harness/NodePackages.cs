using Tarn.TestKit.Programs;

namespace Tarn.Clients.Harness;

/// <summary>Finds node and what <c>npm ci</c> in js/ put beside the scripts.</summary>
internal static class NodePackages
{
    /// <summary>The path of node; the test fails or is skipped if it or the package is missing.</summary>
    public static string Need(string package)
    {
        var node = InstalledPrograms.Need("node");
        if (!Directory.Exists(ClientSession.Script("js", "node_modules", package)))
        {
            InstalledPrograms.Missing("node_modules", $"{package} is not installed: run npm ci in tests/Tarn.Clients/js.");
        }

        return node;
    }
}
