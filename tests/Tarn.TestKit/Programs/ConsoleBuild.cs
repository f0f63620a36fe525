using Tarn.TestKit.Servers;

namespace Tarn.TestKit.Programs;

/// <summary>The console, which the build of the server has where there is a Node.js that it can be built with.</summary>
public static class ConsoleBuild
{
    /// <summary>Its sources.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryLayout.Root, "console");

    /// <summary>Ends a test that needs the console where the server was built without it.</summary>
    public static void Need()
    {
        if (!File.Exists(Path.Combine(Path.GetDirectoryName(RepositoryLayout.ServerAssembly)!, "console.zip")))
        {
            InstalledPrograms.Missing("console", "The server was built without its console: Node.js 20.19 or later, with npm, was missing.");
        }
    }
}
