namespace Tarn.TestKit.Servers;

/// <summary>Paths of the build's output, found from the directory that the tests run in.</summary>
public static class RepositoryLayout
{
    /// <summary>The directory that holds <c>Tarn.slnx</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests do not run from inside a checkout.</exception>
    public static string Root { get; } = FindRoot();

    /// <summary>The build configuration the running tests were built with: <c>debug</c> or <c>release</c>.</summary>
    public static string Configuration { get; } =
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The server's assembly, built like the tests; <c>TARN_TEST_SERVER_DLL</c> names another.</summary>
    public static string ServerAssembly =>
        Environment.GetEnvironmentVariable("TARN_TEST_SERVER_DLL") is { Length: > 0 } given
            ? given
            : Path.Combine(Root, "artifacts", "bin", "Tarn.Server", Configuration, "tarn.dll");

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tarn.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Tarn.slnx above {AppContext.BaseDirectory}.");
    }
}
