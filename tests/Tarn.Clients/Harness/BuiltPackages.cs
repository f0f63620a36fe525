using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>What eng/package.sh builds of this tree, built once when the first test asks for it: it publishes with the .NET runtime, which takes long.</summary>
public sealed class BuiltPackages : IDisposable
{
    private readonly Lazy<Task> _x64 = new(static () => BuildAsync("package.sh", "-o", Folder, "linux-x64"));
    private readonly Lazy<Task> _arm64 = new(static () => BuildAsync("publish.sh", "linux-arm64", PublishedFor("linux-arm64")));
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Where everything is.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryLayout.Root, "artifacts", "test-packages");

    /// <summary>The published directory of a runtime, not yet packed.</summary>
    /// <param name="runtime"><c>linux-x64</c> or <c>linux-arm64</c>.</param>
    public async Task<string> PublishedAsync(string runtime)
    {
        if (runtime == "linux-x64")
        {
            // It is built together with the package for Debian.
            InstalledPrograms.Need("dpkg-deb");
        }

        await BuiltAsync(runtime == "linux-x64" ? _x64 : _arm64);
        return PublishedFor(runtime);
    }

    /// <summary>The one packed file whose name has this form, such as <c>*.deb</c>.</summary>
    public async Task<string> FileAsync(string pattern)
    {
        InstalledPrograms.Need("dpkg-deb");
        await BuiltAsync(_x64);
        return Directory.GetFiles(Folder, pattern).Single();
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static string PublishedFor(string runtime) => Path.Combine(Folder, runtime);

    private static Task<ProgramResult> BuildAsync(string script, params string[] arguments) =>
        HostProgram.RunAsync(Path.Combine(RepositoryLayout.Root, "eng", script), arguments, new Dictionary<string, string> { ["DEBEMAIL"] = "packages@example.com" });

    // One at a time: both restore the same projects.
    private async Task BuiltAsync(Lazy<Task> built)
    {
        ConsoleBuild.Need();
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await built.Value;
        }
        finally
        {
            _gate.Release();
        }
    }
}
