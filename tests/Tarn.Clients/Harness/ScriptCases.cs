namespace Tarn.Clients.Harness;

/// <summary>Runs the cases of a script, and checks that the test lists all of them.</summary>
internal static class ScriptCases
{
    /// <summary>Runs one case against one scheme's server.</summary>
    public static async Task RunAsync(ClientServers servers, string scheme, string program, string script, string name)
    {
        using var session = await ClientSession.OpenAsync(servers, name.Replace('_', '-'), scheme);
        await session.RunAsync(program, script, name);
    }

    /// <summary>Fails when the script has a case that the test does not run, or the other way round.</summary>
    public static async Task AssertAllKnownAsync(ClientServers servers, string program, string script, string[] known)
    {
        using var session = await ClientSession.OpenAsync(servers, "cases");
        var listed = await session.RunAsync(program, script, "--list");
        Assert.Equal(listed.Lines, known);
    }

    /// <summary>Each name with each program and scheme, as theory data.</summary>
    public static TheoryData<string, string, string> With(IReadOnlyList<string> programs, string[] schemes, string[] names)
    {
        var data = new TheoryData<string, string, string>();
        foreach (string program in programs)
        {
            foreach (string scheme in schemes)
            {
                foreach (string name in names)
                {
                    data.Add(program, scheme, name);
                }
            }
        }

        return data;
    }

    /// <summary>Each name with each scheme, as theory data.</summary>
    public static TheoryData<string, string> With(string[] schemes, string[] names)
    {
        var data = new TheoryData<string, string>();
        foreach (var scheme in schemes)
        {
            foreach (var name in names)
            {
                data.Add(scheme, name);
            }
        }

        return data;
    }
}
