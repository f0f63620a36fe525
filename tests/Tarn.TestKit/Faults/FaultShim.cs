using System.Diagnostics;
using System.Security.Cryptography;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.TestKit.Faults;

/// <summary>Builds <c>faults.c</c>, the library that makes file calls fail, with the C compiler of this machine.</summary>
public static class FaultShim
{
    private static readonly Lazy<(string? Library, string? Problem)> Built = new(Build);

    /// <summary>The library to preload; null where it cannot be built.</summary>
    public static string? Library => Built.Value.Library;

    /// <summary>Fails or skips a test that needs the library if there is none.</summary>
    public static void Need()
    {
        if (Library is null)
        {
            InstalledPrograms.Missing("gcc", Built.Value.Problem!);
        }
    }

    private static (string? Library, string? Problem) Build()
    {
        if (!OperatingSystem.IsLinux())
        {
            return (null, "Calls are intercepted on Linux only.");
        }

        var source = Path.Combine(RepositoryLayout.Root, "tests", "Tarn.TestKit", "Faults", "faults.c");
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(source)))[..16];
        var directory = Path.Combine(RepositoryLayout.Root, "artifacts", "faults");
        var library = Path.Combine(directory, $"libtarnfaults-{digest}.so");
        if (File.Exists(library))
        {
            return (library, null);
        }

        Directory.CreateDirectory(directory);
        var mine = $"{library}.{Environment.ProcessId}";
        var start = new ProcessStartInfo("gcc") { RedirectStandardError = true };
        foreach (var argument in new[] { "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", mine, source, "-ldl" })
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var compiler = Process.Start(start)!;
            var said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0)
            {
                throw new InvalidOperationException($"gcc could not build {source}:\n{said}");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (null, "There is no gcc, which builds the library that makes calls fail.");
        }

        File.Move(mine, library, overwrite: true);
        return (library, null);
    }
}
