namespace Tarn.Clients.Harness;

/// <summary>Finds node and what <c>npm ci</c> in js/ put beside the scripts.</summary>
internal static class NodePackages
{
    /// <summary>The path of node; skips the test where node or the package is absent.</summary>
    public static string Need(string package)
    {
        var node = ClientSession.Need("node");
        var installed = Directory.Exists(ClientSession.Script("js", "node_modules", package));
        Assert.SkipUnless(installed, $"{package} is not installed: run npm ci in tests/Tarn.Clients/js");
        return node;
    }
}
